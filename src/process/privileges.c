/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "privileges.h"

#include <errno.h>
#include <stddef.h>

#include "library.h"

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

/* What privileges_reduce() has left, with nothing effective; NULL before. */
static cap_t lowered;

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
	cap_t now, reduced;
	int r = load_libcap();

	if (r < 0)
		return r;
	now = libcap.get_proc();
	reduced = libcap.init();
	r = now && reduced ? 0 : -ENOMEM;
	if (r == 0)
		r = keep(reduced, now, CAP_SYS_PTRACE);
	if (r == 0)
		r = keep(reduced, now, CAP_DAC_READ_SEARCH);
	if (r == 0 && keep_sys_admin)
		r = keep(reduced, now, CAP_SYS_ADMIN);
	if (r == 0 && libcap.set_proc(reduced) != 0)
		r = -errno;
	libcap.free(now);
	if (r < 0) {
		libcap.free(reduced);
		return r;
	}
	libcap.free(lowered);
	lowered = reduced;
	return 0;
}

static void raise_caps(const cap_value_t *caps, size_t count)
{
	bool any = false;

	for (size_t i = 0; lowered && i < count; i++)
		if (flag_of(lowered, caps[i], CAP_PERMITTED))
			any = libcap.set_flag(lowered, CAP_EFFECTIVE, 1, &caps[i], CAP_SET) == 0;
	if (any)
		libcap.set_proc(lowered);
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
	int saved = errno;

	if (lowered) {
		libcap.clear_flag(lowered, CAP_EFFECTIVE);
		libcap.set_proc(lowered);
	}
	errno = saved;
}

void privileges_renew(void)
{
	/* not freed, which would need its lock; kept, for LeakSanitizer */
	static cap_t forgotten;

	if (!lowered)
		return;
	forgotten = lowered;
	(void)forgotten;
	/* without memory for a new one, no capability is ever raised again */
	lowered = libcap.get_proc();
	privileges_lower();
}

bool privileges_have(cap_value_t cap)
{
	cap_t caps;
	bool have;

	if (load_libcap() < 0)
		return false;
	caps = libcap.get_proc();
	have = caps && flag_of(caps, cap, CAP_PERMITTED);
	libcap.free(caps);
	return have;
}
