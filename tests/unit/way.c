/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* The table of the manual, "How exec gets into a program", and what it leaves out. */
#include "way.h"

#include "arch-regs.h"
#include "tap.h"

#define GLIBC .is_64 = true, .is_own_machine = true, .has_sections = true, .loader = LOADER_OWN
#define STATIC .is_64 = true, .is_own_machine = true, .has_sections = true
#define CODE32 .has_sections = true
#define TRACE_CODE32 (REMOTE_SEALS_32BIT ? WAY_TRACE : WAY_REFUSE)

static const struct row {
	const char *title;
	struct program_elf program;
	bool root;
	enum way_action automatic, preload, trace;
} rows[] = {
	{ "dynamic, glibc", { GLIBC }, false, WAY_PRELOAD, WAY_PRELOAD, WAY_TRACE },
	{ "static", { STATIC }, false, WAY_TRACE, WAY_REFUSE, WAY_TRACE },
	{ "dynamic, musl", { STATIC, .loader = LOADER_MUSL }, false,
	  WAY_TRACE, WAY_REFUSE, WAY_TRACE },
	{ "dynamic, another file of glibc's loader", { STATIC, .loader = LOADER_GLIBC }, false,
	  WAY_TRACE, WAY_PRELOAD_WATCHED, WAY_TRACE },
	{ "address sanitizer of gcc", { GLIBC, .has_asan = true }, false,
	  WAY_TRACE, WAY_REFUSE, WAY_TRACE },
	{ "an auditor of its own", { GLIBC, .has_auditor = true }, false,
	  WAY_TRACE, WAY_PRELOAD_WATCHED, WAY_TRACE },
	{ "odd headers", { GLIBC, .is_odd = true }, false,
	  WAY_TRACE, WAY_PRELOAD_WATCHED, WAY_TRACE },
	{ "dynamic, unknown loader", { STATIC, .loader = LOADER_UNKNOWN }, false,
	  WAY_TRACE, WAY_REFUSE, WAY_TRACE },
	{ "loader with a program", { STATIC, .loader = LOADER_ITSELF }, false,
	  WAY_TRACE, WAY_REFUSE, WAY_TRACE },
	{ "32-bit, dynamic", { CODE32, .loader = LOADER_GLIBC }, false,
	  TRACE_CODE32, WAY_REFUSE, TRACE_CODE32 },
	{ "32-bit, static", { CODE32 }, false, TRACE_CODE32, WAY_REFUSE, TRACE_CODE32 },
	{ "static, packed", { .is_64 = true, .is_own_machine = true }, false,
	  WAY_REFUSE, WAY_REFUSE, WAY_REFUSE },
	{ "another machine", { .is_64 = true, .has_sections = true }, false,
	  WAY_REFUSE, WAY_REFUSE, WAY_REFUSE },
	{ "a class that is not its machine's", { .is_own_machine = true }, false,
	  WAY_REFUSE, WAY_REFUSE, WAY_REFUSE },
	{ "setuid, started by a user", { GLIBC, .gain = GAINS_BY_SETUID }, false,
	  WAY_REFUSE, WAY_REFUSE, WAY_REFUSE },
	{ "setgid, started by a user", { GLIBC, .gain = GAINS_BY_SETGID }, false,
	  WAY_REFUSE, WAY_REFUSE, WAY_REFUSE },
	{ "setuid to others, started by root", { GLIBC, .gain = GAINS_BY_SETUID }, true,
	  WAY_TRACE, WAY_REFUSE, WAY_TRACE },
	{ "file capabilities, started by a user", { GLIBC, .gain = GAINS_BY_CAPABILITIES },
	  false, WAY_REFUSE, WAY_REFUSE, WAY_REFUSE },
	{ "other effective IDs", { GLIBC, .gain = GAINS_BY_EFFECTIVE_IDS }, true,
	  WAY_TRACE, WAY_REFUSE, WAY_TRACE },
};

static struct way_question about(const struct row *row, enum exec_via via)
{
	return (struct way_question){
		.via = via, .obstacle = way_obstacle(&row->program),
		.gains_privileges = row->program.gain != GAINS_NOTHING,
		.keeps_privileges = row->root,
		.shim_is_usable = true, .auditor_is_usable = true,
	};
}

static void test_table(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const enum way_action actions[] = {
			[VIA_AUTO] = rows[i].automatic, [VIA_PRELOAD] = rows[i].preload,
			[VIA_PTRACE] = rows[i].trace,
		};

		for (enum exec_via via = VIA_AUTO; via <= VIA_PTRACE; via++) {
			struct way_question q = about(&rows[i], via);
			struct way way = way_choose(&q);

			is(way.action, actions[via], "%s, --via=%d", rows[i].title, via);
			ok((way.lacks != 0) == (way.action == WAY_REFUSE),
			   "%s, --via=%d: only a refusal has a reason", rows[i].title, via);
			ok(way.preload == (way.action == WAY_PRELOAD ||
					   way.action == WAY_PRELOAD_WATCHED),
			   "%s, --via=%d: the shim is named if it is used", rows[i].title, via);
			q.best_effort = true;
			way = way_choose(&q);
			is(way.action, actions[via] == WAY_REFUSE ? WAY_UNSEALED :
			   actions[via] == WAY_PRELOAD_WATCHED ? WAY_PRELOAD : actions[via],
			   "%s, --via=%d --best-effort", rows[i].title, via);
		}
	}
}

/* Each obstacle, with every option: what fails is refused, or with --best-effort named. */
static void test_obstacles(void)
{
	for (enum obstacle o = OBSTACLE_NONE; o < OBSTACLE_COUNT; o++) {
		struct way_question q = { .obstacle = o, .shim_is_usable = true,
					  .auditor_is_usable = true };
		enum shim_fate fate = obstacles[o].fate;

		ok(obstacles[o].reason && (o == OBSTACLE_NONE || obstacles[o].reason[0]),
		   "obstacle %d has a reason", o);
		is(way_choose(&q).action, fate == SHIM_LOADED ? WAY_PRELOAD :
		   fate == SHIM_USELESS ? WAY_REFUSE : WAY_TRACE, "obstacle %d, auto", o);
		q.inherit = true;
		is(way_choose(&q).preload, o != OBSTACLE_ASAN,
		   "obstacle %d: children have the shim, unless that ends the program", o);
		is(way_choose(&q).lacks & LACK_CHILDREN, o == OBSTACLE_ASAN ? LACK_CHILDREN : 0u,
		   "obstacle %d: which is named", o);
		q.follow_dlopen = true;
		is(way_choose(&q).action, fate == SHIM_LOADED ? WAY_PRELOAD :
		   fate == SHIM_DOUBTFUL ? WAY_PRELOAD_WATCHED : WAY_REFUSE,
		   "obstacle %d, --follow-dlopen", o);
		ok(!(way_choose(&q).lacks & LACK_FOLLOW) == (fate < SHIM_IGNORED),
		   "obstacle %d: what is loaded later is sealed, or that is named", o);
		q.auditor_is_usable = false;
		is(way_choose(&q).action, WAY_REFUSE, "obstacle %d, no auditor", o);
	}
}

static void test_unusable_shim(void)
{
	struct way_question q = { .via = VIA_AUTO };
	struct way way = way_choose(&q);

	is(way.action, WAY_TRACE, "no shim: traced");
	is(way.obstacle, OBSTACLE_SHIM_FILE, "for that reason");
	ok(!way.preload && !way.preload_may_help, "and it is not named");
	q.via = VIA_PRELOAD;
	way = way_choose(&q);
	is(way.action, WAY_REFUSE, "no shim, --via=preload: refused");
	is(way.lacks, LACK_PROGRAM, "for that reason alone");
	q.obstacle = OBSTACLE_STATIC;
	is(way_choose(&q).obstacle, OBSTACLE_STATIC, "what is wrong with the program comes first");
	q.obstacle = OBSTACLE_NONE;
	q.via = VIA_AUTO;
	q.inherit = true;
	way = way_choose(&q);
	is(way.action, WAY_REFUSE, "no shim, --inherit: refused");
	is(way.lacks, LACK_CHILDREN, "for the children");
	q.best_effort = true;
	way = way_choose(&q);
	is(way.action, WAY_TRACE, "no shim, --inherit --best-effort: it is traced itself");
	is(way.lacks, LACK_CHILDREN, "and the children are named");
	ok(!way.preload, "and not sealed");
}

/* Of a program that cannot be sealed in this way, the children may be. */
static void test_children(void)
{
	const struct way_question q = {
		.via = VIA_PRELOAD, .best_effort = true, .inherit = true,
		.obstacle = OBSTACLE_STATIC, .shim_is_usable = true,
	};
	struct way way = way_choose(&q);

	is(way.action, WAY_UNSEALED, "static, --via=preload --best-effort: it runs unsealed");
	ok(way.preload, "its children have the shim");
	ok(!way.preload_may_help, "which cannot help itself");
}

/* An architecture whose registers the tracer does not know. */
static void test_no_tracer(void)
{
	for (enum obstacle o = OBSTACLE_NONE; o < OBSTACLE_COUNT; o++) {
		struct way_question q = { .obstacle = o, .shim_is_usable = true,
					  .auditor_is_usable = true, .no_tracer = true };
		enum shim_fate fate = obstacles[o].fate;
		struct way way = way_choose(&q);

		is(way.action, fate == SHIM_LOADED ? WAY_PRELOAD : WAY_REFUSE,
		   "obstacle %d, no tracer: preloaded or refused", o);
		is(way.lacks, fate == SHIM_LOADED ? 0u : fate == SHIM_USELESS ? LACK_PROGRAM :
		   LACK_TRACER, "obstacle %d, no tracer: what is lacking", o);
		q.via = VIA_PRELOAD;
		is(way_choose(&q).lacks, fate == SHIM_LOADED ? 0u : fate == SHIM_DOUBTFUL ?
		   LACK_TRACER : LACK_PROGRAM, "obstacle %d, no tracer, --via=preload", o);
		q.via = VIA_PTRACE;
		is(way_choose(&q).action, WAY_REFUSE, "obstacle %d, no tracer, --via=ptrace", o);
		q.best_effort = true;
		is(way_choose(&q).action, WAY_UNSEALED,
		   "obstacle %d, no tracer, --via=ptrace --best-effort", o);
		q.via = VIA_AUTO;
		is(way_choose(&q).action, fate < SHIM_IGNORED ? WAY_PRELOAD : WAY_UNSEALED,
		   "obstacle %d, no tracer, --best-effort", o);
	}
}

int main(void)
{
	test_table();
	test_obstacles();
	test_unusable_shim();
	test_children();
	test_no_tracer();
	return tap_done();
}
