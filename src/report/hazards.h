/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_HAZARDS_H
#define MSEALCTL_HAZARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"
#include "region.h"
#include "report.h"
#include "shmem.h"

/* What weakens a seal, or what a seal breaks; the words of the HAZARD column. */
enum hazard {
	HAZARD_WRITABLE_CODE,
	HAZARD_JIT,
	HAZARD_EXEC_STACK,
	HAZARD_TEXT_RELOCATIONS,
	HAZARD_NO_RELRO,
	HAZARD_PARTIAL_RELRO,
	HAZARD_REPLACEABLE,
	HAZARD_DLOPENED,
	HAZARD_THREAD_STACK,
	HAZARD_RING,
	/* of the whole process */
	HAZARD_SHARED,
	HAZARD_MAP_COUNT,
	HAZARD_COUNT,
};

struct hazard_info {
	const char *name;
	const char *consequence;	/* one line */
};

extern const struct hazard_info hazards[HAZARD_COUNT];

/* What is known of a process beside its regions; start from { 0 }. */
struct hazard_facts {
	struct shmem_devices devices;
	uint64_t *stack_pointers;	/* of its threads but the first, ascending */
	size_t stack_count;
	bool stacks_known;		/* those are all */
};

/* Of process PID.  What cannot be read makes hazards_of() say that it is unknown. */
void hazard_facts_read(struct hazard_facts *ret, pid_t pid);
void hazard_facts_free(struct hazard_facts *facts);

/*
 * The hazards of REGION, as bits (1 << enum hazard); of its object too, in whatever region of
 * it they are, if OF_OBJECT.  *RET_UNKNOWN gets those that may be there or not.
 */
unsigned hazards_of(const struct hazard_facts *facts, const struct region *region,
		    bool of_object, unsigned *ret_unknown);

/* FOUND, in BUF: "jit,ring"; "none" only if all are known not to be there, "" if not. */
const char *hazards_list(unsigned found, unsigned unknown, char *buf, size_t size);

/*
 * Print a line for each hazard in what PLAN selects of process PID, or in its objects, and
 * for those OF_PROCESS, as bits.  A partial RELRO counts in the main program alone.
 */
void hazards_print(struct report *report, pid_t pid, const struct plan *plan,
		   unsigned of_process);

/*
 * Would PLAN, for a process with MAPPINGS rows in maps, get near to the limit of mappings?
 * Each seal on a part of a mapping splits it: vm.max_map_count, mseal(2), ENOMEM.
 */
bool hazard_map_count(const struct plan *plan, size_t mappings);

#endif
