/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PLANNED_H
#define MSEALCTL_PLANNED_H

/* A plan for a process that does not exist, and the calls that are made for it. */

#include <errno.h>

#include "plan.h"
#include "fake-process.h"

static const struct elf_spec library = { .phdrs = {
	LOAD(0x0, 0x1000, PF_R),
	LOAD(0x1000, 0x4000, PF_RX),
	LOAD(0x5000, 0x3000, PF_RW),
	RELRO(0x5000, 0x1000),
} };

static const struct object objects[OBJECTS] = { { 0x100000, &library } };

/* One writable mapping holds data and 8 KiB of the program's own memory. */
#define ROW_HEAD "100000-101000 r--p 0 8:1 5 /l\n"
#define ROW_TEXT "101000-105000 r-xp 1000 8:1 5 /l\n"
#define ROW_RELRO "105000-106000 r--p 5000 8:1 5 /l\n"
#define ROW_DATA "106000-10a000 rw-p 0 0:0 0\n"
#define ROW_STACK "7ff000-800000 rw-p 0 0:0 0 [stack]\n"
#define ROW_VSYSCALL "ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n"
#define SEALED "VmFlags: rd sl\n"
#define UNSEALED "VmFlags: rd\n"

#define MAPS ROW_HEAD ROW_TEXT ROW_RELRO ROW_DATA ROW_STACK ROW_VSYSCALL
#define SMAPS(head, text, relro, data) \
	ROW_HEAD head ROW_TEXT text ROW_RELRO relro ROW_DATA data \
	ROW_STACK UNSEALED ROW_VSYSCALL UNSEALED

struct planned {
	struct fake_process process;
	struct selection selection, exclude;
	struct plan plan;
};

static inline void parse_or_die(struct selection *ret, struct arena *arena, const char *list)
{
	struct select_error error;

	if (selection_parse(ret, arena, list, &error) < 0) {
		printf("Bail out! the test's own list \"%s\" is malformed\n", list);
		exit(1);
	}
}

static inline void make_plan(struct planned *p, const char *maps, const char *list,
			     const char *exclude, const struct plan_reserved *reserved,
			     unsigned types)
{
	struct arena *arena = &p->process.world.arena;

	*p = (struct planned){ .plan.count = 0 };
	process_start(&p->process, maps, objects, 0);
	parse_or_die(&p->selection, arena, list);
	if (exclude)
		parse_or_die(&p->exclude, arena, exclude);
	if (plan_build(&p->plan, arena, &p->process.regions, &p->selection,
		       exclude ? &p->exclude : NULL, reserved, types) < 0) {
		printf("Bail out! no memory\n");
		exit(1);
	}
}

static inline void free_plan(struct planned *p)
{
	process_end(&p->process);
}

/* "START-END RESULT\n" for each item. */
static inline const char *plan_text(const struct plan *plan)
{
	static char text[4096];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < plan->count && at < sizeof(text) - 100; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%" PRIx64 "-%" PRIx64 " %s\n", plan->items[i].start,
				       plan->items[i].end,
				       plan_result_names[plan->items[i].result]);
	return text;
}

/* Calls that were made, with the answers they will get. */
struct calls {
	int answers[8];
	struct { uint64_t start, end; unsigned types; } made[8];
	size_t count;
};

/* The answer GONE: the call cannot be made. */
#define GONE (-ESRCH)

static inline int fake_seal(void *context, uint64_t start, uint64_t end, unsigned types,
			    int *ret_error)
{
	struct calls *c = context;
	int answer = c->answers[c->count];

	c->made[c->count].start = start;
	c->made[c->count].end = end;
	c->made[c->count].types = types;
	c->count++;
	if (answer == GONE)
		return GONE;
	*ret_error = answer;
	return 0;
}

#endif
