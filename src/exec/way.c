/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "way.h"

#include "arch-regs.h"

#define IGNORES "so its loader ignores the shim"
#define AS_ROOT "as root, msealctl seals it with --via=ptrace"

const struct obstacle_info obstacles[OBSTACLE_COUNT] = {
	[OBSTACLE_NONE] = { SHIM_LOADED, .reason = "" },
	[OBSTACLE_AUDITOR] = { SHIM_DOUBTFUL,
		.reason = "LD_AUDIT is set, and an auditor may keep the shim out" },
	[OBSTACLE_MEMORY_LIMIT] = { SHIM_DOUBTFUL,
		.reason = "its memory is limited, perhaps to less than the shim needs" },
	[OBSTACLE_SECURITY_MODULE] = { SHIM_DOUBTFUL,
		.reason = "a security module may keep the shim out" },
	[OBSTACLE_OWN_AUDITOR] = { SHIM_DOUBTFUL,
		.reason = "it names an auditor (DT_AUDIT), which may keep the shim out" },
	[OBSTACLE_ODD] = { SHIM_DOUBTFUL,
		.reason = "its ELF headers are out of the ordinary, and may keep the shim out" },
	[OBSTACLE_OTHER_LOADER] = { SHIM_DOUBTFUL, true,
		.reason = ", which may ignore the shim" },
	[OBSTACLE_SHIM_FILE] = { SHIM_IGNORED, .reason = "the shim cannot be preloaded" },
	/* ld.so(8), AT_SECURE */
	[OBSTACLE_SETUID] = { SHIM_IGNORED,
		.reason = "it is setuid, " IGNORES, .hint = AS_ROOT },
	[OBSTACLE_SETGID] = { SHIM_IGNORED,
		.reason = "it is setgid, " IGNORES, .hint = AS_ROOT },
	[OBSTACLE_CAPABILITIES] = { SHIM_IGNORED,
		.reason = "it has file capabilities, " IGNORES, .hint = AS_ROOT },
	[OBSTACLE_EFFECTIVE_IDS] = { SHIM_IGNORED,
		.reason = "the effective user or group is not the real one, " IGNORES,
		.hint = AS_ROOT },
	[OBSTACLE_32BIT] = { SHIM_IGNORED,
		.reason = "it is a 32-bit program, and the shim is 64-bit" },
	[OBSTACLE_STATIC] = { SHIM_IGNORED,
		.reason = "it is statically linked: no loader will load the shim" },
	[OBSTACLE_IS_LOADER] = { SHIM_IGNORED,
		.reason = "it is a loader itself: its arguments say what it runs" },
	/* it loads the shim, but leaves all constructors to the program */
	[OBSTACLE_MUSL] = { SHIM_IGNORED, true, .reason = ", of musl" },
	[OBSTACLE_UNKNOWN_LOADER] = { SHIM_IGNORED, true, .reason = ", not glibc's" },
	[OBSTACLE_ASAN] = { SHIM_IGNORED,
		.reason = "it has the address sanitizer of gcc, and ends itself if anything is "
			  "preloaded" },
	[OBSTACLE_PACKED] = { SHIM_USELESS,
		.reason = "it is static and has no section headers, as programs that unpack "
			  "themselves, which fail if they are sealed" },
	[OBSTACLE_UNREADABLE] = { SHIM_USELESS,
		.reason = "it cannot be read, so whether its loader takes the shim cannot be "
			  "known" },
	[OBSTACLE_ENV] = { SHIM_USELESS,
		.reason = "what env(1) will run from its #! line is not known" },
	[OBSTACLE_MACHINE] = { SHIM_USELESS,
		.reason = "it is a program for another machine than the shim" },
	[OBSTACLE_CLASS] = { SHIM_USELESS,
		.reason = "its ELF class is not that of its machine" },
	[OBSTACLE_OTHER_CALLS] = { SHIM_USELESS,
		.reason = "it is a 32-bit program, and these cannot be sealed here" },
};

static enum obstacle privileges_obstacle(enum program_gain gain)
{
	static const enum obstacle of[] = {
		[GAINS_NOTHING] = OBSTACLE_NONE,
		[GAINS_BY_SETUID] = OBSTACLE_SETUID,
		[GAINS_BY_SETGID] = OBSTACLE_SETGID,
		[GAINS_BY_CAPABILITIES] = OBSTACLE_CAPABILITIES,
		[GAINS_BY_EFFECTIVE_IDS] = OBSTACLE_EFFECTIVE_IDS,
	};

	return of[gain];
}

static enum obstacle loader_obstacle(const struct program_elf *p)
{
	static const enum obstacle of[] = {
		[LOADER_NONE] = OBSTACLE_STATIC,
		[LOADER_ITSELF] = OBSTACLE_IS_LOADER,
		[LOADER_OWN] = OBSTACLE_NONE,
		[LOADER_GLIBC] = OBSTACLE_OTHER_LOADER,
		[LOADER_MUSL] = OBSTACLE_MUSL,
		[LOADER_UNKNOWN] = OBSTACLE_UNKNOWN_LOADER,
	};

	if (obstacles[of[p->loader]].fate >= SHIM_IGNORED)
		return of[p->loader];
	if (p->has_asan)
		return OBSTACLE_ASAN;
	if (of[p->loader] != OBSTACLE_NONE)
		return of[p->loader];
	if (p->has_auditor)
		return OBSTACLE_OWN_AUDITOR;
	return p->is_odd ? OBSTACLE_ODD : OBSTACLE_NONE;
}

enum obstacle way_obstacle(const struct program_elf *p)
{
	/* the kernel goes by the machine alone: fs/binfmt_elf.c, elf_check_arch() */
	if (p->is_own_machine && !p->is_64)
		return OBSTACLE_CLASS;
	/* another 32-bit machine than the one that ours can be would not run at all */
	if (!p->is_own_machine && p->is_64)
		return OBSTACLE_MACHINE;
	/* once it runs, it could not even be made to exit */
	if (!p->is_64 && !REMOTE_SEALS_32BIT)
		return OBSTACLE_OTHER_CALLS;
	if (!p->has_sections && (p->loader == LOADER_NONE || p->loader == LOADER_ITSELF))
		return OBSTACLE_PACKED;
	if (p->gain != GAINS_NOTHING)
		return privileges_obstacle(p->gain);
	return p->is_64 ? loader_obstacle(p) : OBSTACLE_32BIT;
}

static enum way_action choose_action(const struct way_question *q, enum exec_via via,
				     enum shim_fate fate, unsigned lacks)
{
	if (lacks && !q->best_effort)
		return WAY_REFUSE;
	if (lacks & (LACK_PROGRAM | LACK_TRACER | LACK_PRIVILEGES))
		return WAY_UNSEALED;
	if (via == VIA_PTRACE)
		return WAY_TRACE;
	return fate == SHIM_DOUBTFUL && !q->best_effort ? WAY_PRELOAD_WATCHED : WAY_PRELOAD;
}

static enum exec_via choose_via(const struct way_question *q, enum shim_fate fate)
{
	/* without a tracer that would know for sure, the shim does what it can */
	if (fate == SHIM_DOUBTFUL && q->no_tracer && q->best_effort)
		return VIA_PRELOAD;
	return fate == SHIM_LOADED ? VIA_PRELOAD : VIA_PTRACE;
}

static bool needs_tracer(const struct way_question *q, enum exec_via via, enum shim_fate fate)
{
	return via == VIA_PTRACE || (fate == SHIM_DOUBTFUL && !q->best_effort);
}

struct way way_choose(const struct way_question *q)
{
	struct way way = { .obstacle = q->obstacle };
	enum exec_via via = q->via;
	enum shim_fate fate;
	bool may_name;		/* the shim, in the environment */

	if (!q->shim_is_usable && obstacles[q->obstacle].fate < SHIM_IGNORED)
		way.obstacle = OBSTACLE_SHIM_FILE;
	fate = obstacles[way.obstacle].fate;
	may_name = q->shim_is_usable && way.obstacle != OBSTACLE_ASAN;
	if (q->inherit && !may_name)
		way.lacks |= LACK_CHILDREN;
	/* only the shim, with the auditor's help, can see to what is loaded later */
	if (q->follow_dlopen && (fate >= SHIM_IGNORED || !q->auditor_is_usable))
		way.lacks |= LACK_FOLLOW;
	else if (q->follow_dlopen)
		via = VIA_PRELOAD;
	if (via == VIA_AUTO)
		via = choose_via(q, fate);
	if (fate == SHIM_USELESS || (via == VIA_PRELOAD && fate == SHIM_IGNORED))
		way.lacks |= LACK_PROGRAM;
	else if (q->no_tracer && needs_tracer(q, via, fate))
		way.lacks |= LACK_TRACER;
	/* cap_bprm_creds_from_file(), security/commoncap.c */
	else if (via == VIA_PTRACE && q->gains_privileges && !q->keeps_privileges)
		way.lacks |= LACK_PRIVILEGES;
	way.action = choose_action(q, via, fate, way.lacks);
	way.preload = may_name && (q->inherit || way.action == WAY_PRELOAD ||
				   way.action == WAY_PRELOAD_WATCHED);
	way.preload_may_help = q->shim_is_usable && fate < SHIM_IGNORED;
	return way;
}
