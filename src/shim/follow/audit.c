/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * libmsealctl-audit.so: what "msealctl exec --follow-dlopen" puts into LD_AUDIT.  It
 * is linked with nothing at all.
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

/* The shim writes to it. */
RELRO static volatile struct courier courier;

/* The value of SETTING_COURIER in VARIABLE ("NAME=VALUE"), or NULL if it is another one. */
static char *address_digits(char *variable)
{
	static const char name[] = SETTING_COURIER "=" SETTING_COURIER_UNKNOWN;
	const size_t digits = sizeof(SETTING_COURIER_UNKNOWN) - 1;
	size_t i;

	for (i = 0; i < sizeof(name) - 1 - digits; i++)
		if (variable[i] != name[i])
			return NULL;
	for (size_t j = 0; j < digits; j++)
		if (variable[i + j] == '\0')
			return NULL;
	return variable + i;
}

/* Before the program is even relocated: leave our address where the shim will look. */
__attribute__((constructor))
static void be_found(int argc, char **argv, char **envp)
{
	uint64_t rest = (uintptr_t)&courier;

	(void)argc;
	(void)argv;
	for (char **variable = envp; *variable; variable++) {
		char *digits = address_digits(*variable);

		for (size_t i = sizeof(SETTING_COURIER_UNKNOWN) - 1; digits && i > 0; rest /= 16)
			digits[--i] = "0123456789abcdef"[rest % 16];
	}
}

EXPORT unsigned int la_version(unsigned int version)
{
	/* of the interface, what is used here has always been there */
	return version < LAV_CURRENT ? version : LAV_CURRENT;
}

EXPORT unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	(void)cookie;		/* is the map, unless it is changed */
	if (courier.opened)
		courier.opened(map, lmid);
	return 0;		/* no symbol is of interest */
}

EXPORT unsigned int la_objclose(uintptr_t *cookie)
{
	if (courier.closed)
		courier.closed((struct link_map *)*cookie);
	return 0;
}

EXPORT void la_activity(uintptr_t *cookie, unsigned int flag)
{
	(void)cookie;
	if (flag == LA_ACT_ADD && courier.adding)
		courier.adding();
}
