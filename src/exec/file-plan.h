/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_FILE_PLAN_H
#define MSEALCTL_FILE_PLAN_H

#include <limits.h>
#include <stdbool.h>

#include "choice.h"

/* What would be sealed of an ELF file, as far as its headers say: exec --dry-run. */
struct file_plan {
	struct arena arena;		/* holds the plan */
	struct plan plan;
	char loader[PATH_MAX];		/* PT_INTERP, "" if there is none */
	char needed[1024];		/* libraries (DT_NEEDED), with blanks between; cut if longer */
};

/*
 * Place the file PATH in memory as it would be once its loader is done, and plan to seal with
 * TYPES what CHOICE selects of it.  IS_EXE: it is the main program.
 * Returns 0; -ENOEXEC if it cannot be placed; CHOICE_UNKNOWN, ARENA_FULL, or the error of a
 * read or of open(2).  file_plan_free() follows in any case.
 */
int file_plan_make(struct file_plan *ret, const char *path, struct choice *choice,
		   unsigned types, bool is_exe);

void file_plan_free(struct file_plan *file);

#endif
