/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_WAY_H
#define MSEALCTL_WAY_H

#include <stdbool.h>

#include "program-elf.h"

/* Whether the loader of a program will load the shim, and whether it can be sealed at all. */
enum shim_fate {
	SHIM_LOADED,
	SHIM_DOUBTFUL,		/* it may be left out, with no more than a warning */
	SHIM_IGNORED,
	SHIM_USELESS,		/* nor would tracing help, or that is not known */
};

/* What keeps the shim out of a program, or the program from being sealed. */
enum obstacle {
	OBSTACLE_NONE,
	OBSTACLE_AUDITOR,
	OBSTACLE_MEMORY_LIMIT,
	OBSTACLE_SECURITY_MODULE,
	OBSTACLE_OWN_AUDITOR,	/* that the program names itself */
	OBSTACLE_ODD,		/* what its loader will make of it is not known */
	OBSTACLE_OTHER_LOADER,	/* of glibc, but another file than our own */
	OBSTACLE_SHIM_FILE,
	OBSTACLE_SETUID,
	OBSTACLE_SETGID,
	OBSTACLE_CAPABILITIES,
	OBSTACLE_EFFECTIVE_IDS,
	OBSTACLE_32BIT,
	OBSTACLE_STATIC,
	OBSTACLE_IS_LOADER,
	OBSTACLE_MUSL,
	OBSTACLE_UNKNOWN_LOADER,
	OBSTACLE_ASAN,
	OBSTACLE_PACKED,
	OBSTACLE_UNREADABLE,
	OBSTACLE_ENV,		/* env(1) may run anything */
	OBSTACLE_MACHINE,
	OBSTACLE_CLASS,
	OBSTACLE_OTHER_CALLS,	/* nobody can make it call mseal(2) */
	OBSTACLE_COUNT,
};

struct obstacle_info {
	enum shim_fate fate;
	bool of_loader;		/* the reason follows "its loader is PATH" */
	const char *reason;
	const char *hint;	/* NULL if there is none */
};

extern const struct obstacle_info obstacles[OBSTACLE_COUNT];

/* What is in the way of the shim in this program. */
enum obstacle way_obstacle(const struct program_elf *program);

/* --via: how exec gets into the program. */
enum exec_via { VIA_AUTO, VIA_PRELOAD, VIA_PTRACE };

/* All that the choice depends on. */
struct way_question {
	enum exec_via via;
	bool best_effort, inherit, follow_dlopen;
	enum obstacle obstacle;		/* the worst on the way to the program */
	bool gains_privileges;
	bool keeps_privileges;		/* if it is traced: we have CAP_SYS_PTRACE */
	bool shim_is_usable, auditor_is_usable;
	bool no_tracer;			/* for this machine: see no-tracer.h */
};

enum way_action {
	WAY_PRELOAD,
	WAY_PRELOAD_WATCHED,	/* and traced up to its entry point: has the shim come? */
	WAY_TRACE,
	WAY_UNSEALED,		/* only with --best-effort */
	WAY_REFUSE,
};

/* What was asked for and cannot be done. */
enum way_lack {
	LACK_CHILDREN	= 1 << 0,	/* to seal what the program executes */
	LACK_FOLLOW	= 1 << 1,	/* to seal what it loads later */
	LACK_PROGRAM	= 1 << 2,	/* to seal it in this way */
	LACK_TRACER	= 1 << 3,	/* to trace it at all */
	LACK_PRIVILEGES	= 1 << 4,	/* to trace it without taking its privileges away */
};

struct way {
	enum way_action action;
	bool preload;		/* the environment names the shim, perhaps for the children alone */
	bool preload_may_help;	/* if it cannot be traced, with --best-effort */
	enum obstacle obstacle;	/* the one that counts */
	unsigned lacks;		/* enum way_lack bits; a refusal has at least one */
};

/* Choose how to get into a program.  The manual has the table: "How exec gets into a program". */
struct way way_choose(const struct way_question *question);

#endif
