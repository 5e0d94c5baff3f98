/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_VERDICT_H
#define MSEALCTL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "choice.h"
#include "plan.h"
#include "region.h"
#include "report.h"

/* Why something is not sealed; each has its own remedy. */
enum shortfall {
	SHORT_NEVER,		/* nothing of the process is */
	SHORT_DLOPENED,		/* an object was loaded after it was sealed */
	SHORT_LOADED,		/* the same, and it can never be closed */
	SHORT_NEW,		/* something else is there since, or was not selected then */
	SHORT_TYPES,		/* it has seals, but not of all types */
	SHORT_RELRO_WRITABLE,
	SHORT_TEXT_RELOCATIONS,
	SHORT_LOADING,
	SHORT_NO_RELRO,		/* no shortfall of check: there is nothing to seal */
	SHORT_COUNT,
};

enum verdict_word { VERDICT_SEALED, VERDICT_UNSEALED, VERDICT_UNREADABLE, VERDICT_COUNT };

/* What check has found of one process. */
struct verdict {
	pid_t pid;
	char comm[64];
	enum verdict_word word;
	bool seal_given;		/* --seal is not the default one */
	size_t sealed, unsealed;	/* mappings */
	struct {
		size_t count;		/* mappings or objects, */
		char *object;		/* and what one of them is of */
		bool is_needed;		/* by another object */
	} shortfalls[SHORT_COUNT];
};

struct verdicts {
	struct verdict *items;
	size_t count, capacity;
	size_t of[VERDICT_COUNT];	/* how many have each word */
};

/* What PLAN, which seals nothing, shows of the process with REGIONS. */
void verdict_judge(struct verdict *ret, const struct choice *choice,
		   const struct regions *regions, const struct plan *plan);

/* Print a line for each remedy; for a sealed process only if ALL. */
void verdict_print(const struct verdict *verdict, struct report *report, bool all);

/* Keep VERDICT, which owns its strings.  Returns 0 or -ENOMEM. */
int verdicts_add(struct verdicts *verdicts, const struct verdict *verdict);

/* Print them to stdout, as "processes" and "verdict" of a JSON document. */
void verdicts_print_json(const struct verdicts *verdicts, enum verdict_word all);

void verdicts_free(struct verdicts *verdicts);

#endif
