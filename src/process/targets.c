/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "targets.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "cleanup.h"
#include "glob.h"
#include "path.h"
#include "privileges.h"
#include "proc-file.h"
#include "process.h"
#include "worker.h"

/* Descriptors that everything but the pidfds may take. */
#define OTHER_DESCRIPTORS 64

/* One process of /proc. */
struct candidate {
	pid_t pid, parent;
	uint64_t starttime;
	bool chosen;
	bool settled;		/* whether it descends from one that is chosen */
	int error;		/* why it is not known whether it is chosen: -errno */
	const char *unread;	/* of what */
	bool by_name;		/* its command name is known, and is another */
};

struct search {
	const struct pids *named;
	const struct process_filter *filter;
	struct candidate *items;
	size_t count;
	struct pids ended, matching_ended;	/* as in struct targets */
};

/*
 * Does what the filter asks for hold of P, which has a living thread TID?  Also if it asks
 * nothing of that kind.  Returns 1, 0 or -errno.
 */
typedef int judge_fn(const struct process_filter *filter, const struct process *p, pid_t tid);

static int judge_user(const struct process_filter *filter, const struct process *p, pid_t tid)
{
	struct process thread;
	int r;

	if (!filter->user)
		return 1;
	r = process_read_thread(p->tid, tid, &thread);
	return r < 0 ? r : thread.uid == filter->uid;
}

/* GLOB against PATH, or only its last component if it names no folder, as in select.h. */
static bool path_matches(const char *glob, bool base, const char *path)
{
	static const char mark[] = " (deleted)";
	const char *s = base ? path_base(path) : path;
	size_t len = strlen(s), mark_len = strlen(mark);

	return glob_match(glob, strlen(glob), s, len) ||
	       (len > mark_len && strcmp(s + len - mark_len, mark) == 0 &&
		glob_match(glob, strlen(glob), s, len - mark_len));
}

static int exe_matches(const char *glob, bool base, const struct process *p, pid_t tid)
{
	char name[32], path[PATH_MAX];
	int r;

	snprintf(name, sizeof(name), "task/%d/exe", tid);
	r = process_read_link(p->tid, name, path, sizeof(path));
	return r < 0 ? r : path_matches(glob, base, path);
}

static int judge_name(const struct process_filter *filter, const struct process *p, pid_t tid)
{
	const char *glob = filter->name;

	if (!glob || glob_match(glob, strlen(glob), p->comm, strlen(p->comm)))
		return 1;
	return exe_matches(glob, true, p, tid);
}

static int judge_exe(const struct process_filter *filter, const struct process *p, pid_t tid)
{
	const char *glob = filter->exe;

	return glob ? exe_matches(glob, !strchr(glob, '/'), p, tid) : 1;
}

static int judge_cgroups(const struct process_filter *filter, const struct process *p, pid_t tid)
{
	/* a line for each hierarchy, of which version 1 can have a dozen */
	static char text[16 * PATH_MAX];
	int r;

	if (!filter->unit && !filter->cgroup)
		return 1;
	r = process_read_file(p->tid, tid, "cgroup", text, sizeof(text));
	if (r < 0)
		return r;
	return (!filter->unit || cgroup_unit_matches(text, filter->unit)) &&
	       (!filter->cgroup || cgroup_matches(text, filter->cgroup));
}

static const struct {
	judge_fn *judge;
	const char *what;
} judges[] = {
	{ judge_user, "its user" },
	{ judge_cgroups, "its cgroups" },
	{ judge_name, "its executable" },
	{ judge_exe, "its executable" },
};

/*
 * One thing that does not hold is enough, whatever else cannot be read.  Returns whether TID
 * lived on for what was asked of it.
 */
static bool judge_by(struct candidate *c, const struct process_filter *filter,
		     const struct process *p, pid_t tid)
{
	bool lived = true;

	c->error = 0;
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		int r = judges[i].judge(filter, p, tid);

		if (r == 0) {
			c->error = 0;
			return true;
		}
		if (r > 0)
			continue;
		/* one that is exiting has no executable any more */
		lived = lived && r != -ESRCH && r != -ENOENT;
		/* what can be judged by its name alone matters least */
		c->by_name = judges[i].judge == judge_name && !c->error && r == -EACCES;
		c->error = r != -ESRCH ? r : tid < 0 ? tid : -ESTALE;
		c->unread = judges[i].what;
	}
	c->chosen = c->error == 0;
	return lived;
}

/* How often to judge by another thread, where the one before has ended meanwhile. */
#define TRIES 32

/*
 * Judge P by its leader, or by another thread once that has ended.  Returns false if none
 * is left.
 */
static bool judge(struct candidate *c, const struct process_filter *filter, struct process *p)
{
	for (int tries = 0; tries < TRIES; tries++) {
		bool again = tries > 0 || p->state == 'Z' || p->exiting;
		pid_t tid = again ? process_find_reader(p->tid, p) : p->tid;

		if (tid == -ESRCH)
			return false;
		/* without a thread, by what needs none */
		if (judge_by(c, filter, p, tid))
			break;
	}
	return true;
}

static bool narrows(const struct process_filter *f)
{
	return f->name || f->exe || f->unit || f->cgroup || f->user;
}

/* Add PID to the candidates, unless there is nothing to look at.  Returns 0 or -ENOMEM. */
static int add_candidate(struct search *s, pid_t pid)
{
	struct candidate c = { .pid = pid };
	struct process p;
	int r = process_read_stat(pid, pid, &p);

	if (r == -ESRCH)
		return pids_append(&s->ended, pid);
	if (r == 0 && p.kernel_thread)
		return 0;
	if (r < 0) {
		/* where nothing is asked of it, nothing need be known */
		c.chosen = s->named->count == 0 && !narrows(s->filter);
		c.error = r;
		c.unread = "its state";
	} else {
		c.parent = p.parent;
		c.starttime = p.starttime;
		if (s->named->count > 0)
			c.chosen = pids_have(s->named, pid);
		else if (!judge(&c, s->filter, &p))
			return pids_append(&s->ended, pid);
	}
	s->items[s->count++] = c;
	return 0;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static struct candidate *parent_of(const struct search *s, const struct candidate *c)
{
	const struct candidate key = { .pid = c->parent };

	return bsearch(&key, s->items, s->count, sizeof(key), compare_candidates);
}

/* Choose what descends from what is chosen; each is climbed from once, however deep they are. */
static void choose_children(struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct candidate *c = &s->items[i], *top = c;

		while (top && !top->chosen && !top->settled) {
			top->settled = true;
			top = parent_of(s, top);
		}
		if (!top || !top->chosen)
			continue;
		for (; c != top; c = parent_of(s, c))
			c->chosen = true;
	}
}

static int choose(struct search *s)
{
	struct pids pids;
	int r = pids_read(&pids);

	if (r < 0)
		return r;
	/* one more, as calloc(3) may return NULL for none */
	s->items = calloc(pids.count + 1, sizeof(*s->items));
	privileges_begin();
	/* the newest first, as they are the likeliest to end soon */
	for (size_t i = pids.count; s->items && r == 0 && i-- > 0; )
		if (pids.items[i] != getpid() && !worker_is(pids.items[i]))
			r = add_candidate(s, pids.items[i]);
	privileges_end();
	pids_free(&pids);
	if (!s->items || r < 0)
		return -ENOMEM;
	qsort(s->items, s->count, sizeof(*s->items), compare_candidates);
	if (s->filter->children)
		choose_children(s);
	return 0;
}

/* How many descriptors there may be. */
static int allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur < INT_MAX ? (int)limit.rlim_cur : INT_MAX;
}

/* Without a descriptor, the time of the start is what shows whether it is the same process. */
static int open_pidfd(pid_t pid, int descriptors)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 || fd < descriptors - OTHER_DESCRIPTORS)
		return fd;
	close(fd);
	return -1;
}

/* Add what is chosen to TARGETS, and count what may have to be.  Returns 0 or -ENOMEM. */
static int hold_chosen(struct search *s, struct targets *targets, struct unjudged *unjudged)
{
	int descriptors = s->count > 0 ? allow_descriptors() : 0, r = 0;

	for (size_t i = 0; r == 0 && i < s->count; i++) {
		const struct candidate *c = &s->items[i];
		struct target t = { .pid = c->pid, .found = true, .starttime = c->starttime };

		if ((!c->chosen && !c->error) || pids_have(s->named, c->pid) ||
		    pids_have(&s->filter->except, c->pid))
			continue;
		t.pidfd = c->chosen ? open_pidfd(c->pid, descriptors) : -1;
		if (target_has_ended(&t)) {
			close_fd(&t.pidfd);
			r = pids_append(&s->ended, c->pid);
			if (r == 0 && c->chosen)
				r = pids_append(&s->matching_ended, c->pid);
		} else if (c->chosen) {
			targets->items[targets->count++] = t;
		} else {
			*unjudged = (struct unjudged){
				unjudged->count + 1, unjudged->by_name + c->by_name, c->pid,
				c->unread, c->error,
			};
		}
	}
	return r;
}

bool process_filter_finds(const struct process_filter *f)
{
	return f->all || narrows(f);
}

int targets_find(struct targets *ret, const struct pids *named,
		 const struct process_filter *filter, struct unjudged *ret_unjudged)
{
	struct search s = { .named = named, .filter = filter };
	int r = 0;

	*ret = (struct targets){ 0 };
	*ret_unjudged = (struct unjudged){ 0 };
	if (named->count == 0 || filter->children)
		r = choose(&s);
	if (r == 0)
		ret->items = calloc(named->count + s.count + 1, sizeof(*ret->items));
	for (size_t i = 0; ret->items && i < named->count; i++)
		if (!pids_have(&filter->except, named->items[i]))
			ret->items[ret->count++] = (struct target){
				.pid = named->items[i], .pidfd = -1,
			};
	if (r == 0)
		r = ret->items ? hold_chosen(&s, ret, ret_unjudged) : -ENOMEM;
	free(s.items);
	pids_sort(&s.ended);
	pids_sort(&s.matching_ended);
	ret->ended = s.ended;
	ret->matching_ended = s.matching_ended;
	if (r < 0)
		targets_free(ret);
	return r;
}

static int compare_targets(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->starttime > y->starttime) - (x->starttime < y->starttime);
}

/* How many of AFTER are not in BEFORE: zombies may stay. */
static size_t count_new(const struct pids *before, const struct pids *after)
{
	size_t count = 0;

	for (size_t i = 0; i < after->count; i++)
		count += !pids_contain(before, after->items[i]);
	return count;
}

/* Let AGAIN, a later search, be what is known of those that have ended. */
static void note_ended(struct targets *targets, struct targets *again)
{
	struct targets before = *targets;

	targets->lost = count_new(&before.ended, &again->ended);
	targets->matching_lost = count_new(&before.ended, &again->matching_ended);
	targets->ended = again->ended;
	targets->matching_ended = again->matching_ended;
	again->ended = before.ended;
	again->matching_ended = before.matching_ended;
}

int targets_find_more(struct targets *targets, const struct pids *named,
		      const struct process_filter *filter, struct unjudged *ret_unjudged)
{
	size_t known = targets->count;
	struct target *grown;
	struct targets again;
	int r = targets_find(&again, named, filter, ret_unjudged);

	if (r < 0)
		return r;
	grown = reallocarray(targets->items, known + again.count + 1, sizeof(*grown));
	if (!grown) {
		targets_free(&again);
		return -ENOMEM;
	}
	targets->items = grown;
	note_ended(targets, &again);
	qsort(grown, known, sizeof(*grown), compare_targets);
	for (size_t i = 0; i < again.count; i++) {
		struct target *t = &again.items[i];

		if (!t->found || bsearch(t, grown, known, sizeof(*t), compare_targets))
			continue;
		grown[targets->count++] = *t;
		t->pidfd = -1;
	}
	targets_free(&again);
	return (int)(targets->count - known);
}

bool target_has_ended(const struct target *target)
{
	struct pollfd ended = { .fd = target->pidfd, .events = POLLIN };
	struct process p;
	pid_t tid;

	/* readable once the process has exited, pidfd_open(2) */
	if (target->pidfd >= 0 && poll(&ended, 1, 0) > 0)
		return true;
	tid = process_find_reader(target->pid, &p);
	if (tid < 0)
		return tid == -ESRCH;
	return (target->starttime && p.starttime != target->starttime) ||
	       (tid == target->pid && p.exiting);
}

void targets_free(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		close_fd(&targets->items[i].pidfd);
	free(targets->items);
	pids_free(&targets->ended);
	pids_free(&targets->matching_ended);
	*targets = (struct targets){ 0 };
}
