/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "privileges.h"

#include <errno.h>
#include <stddef.h>

#include "library.h"
#include "worker.h"

/* The soname of every libcap that configure accepts. */
#define SONAME "libcap.so.2"
LIBRARY_NOTE("capabilities", "Giving up capabilities that are not needed", SONAME);

/* Its functions, loaded by the first call that needs them. */
static struct libcap {
	__typeof__(cap_clear_flag) *clear_flag;
	__typeof__(cap_free) *free;
	__typeof__(cap_get_flag) *get_flag;
	__typeof__(cap_get_proc) *get_proc;
	__typeof__(cap_init) *init;
	__typeof__(cap_set_flag) *set_flag;
	__typeof__(cap_set_proc) *set_proc;
} libcap;

#define FUNCTION(name) { "cap_" #name, offsetof(struct libcap, name) }

static int load_libcap(void)
{
	static const struct library_function functions[] = {
		FUNCTION(clear_flag), FUNCTION(free), FUNCTION(get_flag), FUNCTION(get_proc),
		FUNCTION(init), FUNCTION(set_flag), FUNCTION(set_proc),
	};
	static bool loaded;
	int r = 0;

	if (!loaded)
		r = library_load(&libcap, SONAME, functions,
				 sizeof(functions) / sizeof(functions[0]));
	loaded = r == 0;
	return r;
}

/* What privileges_reduce() has left, and what of it is effective now; NULL before. */
static cap_t reduced;

/* How many privileges_begin() have not ended yet. */
static unsigned begun;

static bool flag_of(cap_t caps, cap_value_t cap, cap_flag_t flag)
{
	cap_flag_value_t value = CAP_CLEAR;

	return libcap.get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET;
}

static int keep(cap_t to, cap_t from, cap_value_t cap)
{
	if (!flag_of(from, cap, CAP_PERMITTED))
		return 0;
	return libcap.set_flag(to, CAP_PERMITTED, 1, &cap, CAP_SET) == 0 ? 0 : -errno;
}

int privileges_reduce(bool keep_sys_admin)
{
	cap_t now, caps;
	int r = load_libcap();

	if (r < 0)
		return r;
	now = libcap.get_proc();
	caps = libcap.init();
	r = now && caps ? 0 : -ENOMEM;
	if (r == 0)
		r = keep(caps, now, CAP_SYS_PTRACE);
	if (r == 0)
		r = keep(caps, now, CAP_DAC_READ_SEARCH);
	if (r == 0 && keep_sys_admin)
		r = keep(caps, now, CAP_SYS_ADMIN);
	if (r == 0 && libcap.set_proc(caps) != 0)
		r = -errno;
	libcap.free(now);
	if (r < 0) {
		libcap.free(caps);
		return r;
	}
	libcap.free(reduced);
	reduced = caps;
	return 0;
}

static void raise_caps(const cap_value_t *caps, size_t count)
{
	bool any = false;

	/* the worker was started with all that it needs */
	if (!reduced || worker_is_serving())
		return;
	for (size_t i = 0; i < count; i++)
		if (flag_of(reduced, caps[i], CAP_PERMITTED) &&
		    !flag_of(reduced, caps[i], CAP_EFFECTIVE))
			any |= libcap.set_flag(reduced, CAP_EFFECTIVE, 1, &caps[i], CAP_SET) == 0;
	if (any)
		libcap.set_proc(reduced);
}

void privileges_raise(cap_value_t cap)
{
	raise_caps(&cap, 1);
}

void privileges_raise_to_open(void)
{
	static const cap_value_t caps[] = { CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH };

	raise_caps(caps, 2);
}

void privileges_lower(void)
{
	static const cap_value_t more[] = { CAP_SYS_ADMIN };
	int saved = errno;

	if (!reduced || worker_is_serving())
		return;
	if (begun == 0)
		libcap.clear_flag(reduced, CAP_EFFECTIVE);
	else if (flag_of(reduced, CAP_SYS_ADMIN, CAP_EFFECTIVE))
		libcap.set_flag(reduced, CAP_EFFECTIVE, 1, more, CAP_CLEAR);
	else
		return;
	libcap.set_proc(reduced);
	errno = saved;
}

void privileges_begin(void)
{
	privileges_raise_to_open();
	begun++;
}

void privileges_end(void)
{
	begun--;
	privileges_lower();
}

int privileges_look(cap_value_t cap)
{
	int r = load_libcap();
	cap_t caps;

	if (r < 0)
		return r;
	caps = libcap.get_proc();
	r = caps ? flag_of(caps, cap, CAP_PERMITTED) : -errno;
	libcap.free(caps);
	return r;
}

bool privileges_have(cap_value_t cap)
{
	return privileges_look(cap) > 0;
}
