/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * libmsealctl-audit.so, which "msealctl exec --follow-dlopen" puts into LD_AUDIT: see
 * README.  It is linked with nothing, not even libc.
 */
#include "audit.h"

#include <stddef.h>
#include <stdint.h>

#include "relro.h"
#include "settings.h"

#define EXPORT __attribute__((visibility("default")))

unsigned int la_version(unsigned int version);
unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie);
unsigned int la_objclose(uintptr_t *cookie);
void la_activity(uintptr_t *cookie, unsigned int flag);

/* Written by the shim. */
RELRO static volatile struct audit_callbacks callbacks;

/* Where the value of SETTING_CALLBACKS begins in VARIABLE, NULL if that is another one. */
static char *address_digits(char *variable)
{
	static const char name[] = SETTING_CALLBACKS "=" SETTING_CALLBACKS_UNKNOWN;
	const size_t digits = sizeof(SETTING_CALLBACKS_UNKNOWN) - 1;
	size_t i;

	for (i = 0; i < sizeof(name) - 1 - digits; i++)
		if (variable[i] != name[i])
			return NULL;
	for (size_t j = 0; j < digits; j++)
		if (variable[i + j] == '\0')
			return NULL;
	return variable + i;
}

/* Runs before the program is even relocated: leave our address where the shim will look. */
__attribute__((constructor))
static void leave_address(int argc, char **argv, char **envp)
{
	uint64_t rest = (uintptr_t)&callbacks;

	(void)argc;
	(void)argv;
	for (char **variable = envp; *variable; variable++) {
		char *digits = address_digits(*variable);

		for (size_t i = sizeof(SETTING_CALLBACKS_UNKNOWN) - 1; digits && i > 0; rest /= 16)
			digits[--i] = "0123456789abcdef"[rest % 16];
	}
}

EXPORT unsigned int la_version(unsigned int version)
{
	/* what is used here has been in every version */
	return version < LAV_CURRENT ? version : LAV_CURRENT;
}

EXPORT unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	(void)cookie;		/* holds MAP, unless it is changed */
	if (callbacks.opened)
		callbacks.opened(map, lmid);
	return 0;		/* no symbol bindings are wanted */
}

EXPORT unsigned int la_objclose(uintptr_t *cookie)
{
	if (callbacks.closed)
		callbacks.closed((struct link_map *)*cookie);
	return 0;
}

EXPORT void la_activity(uintptr_t *cookie, unsigned int flag)
{
	(void)cookie;
	if (flag == LA_ACT_ADD && callbacks.adding)
		callbacks.adding();
}
