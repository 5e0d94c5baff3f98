/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* What a terminal would obey is found, in one piece, and nothing else. */
#include "printable.h"

#include "tap.h"

int main(void)
{
	static const struct {
		const char *s;
		size_t length;
	} cases[] = {
		{ "", 0 }, { "a", 0 }, { "\t", 1 }, { "\033[31m", 1 }, { "\x7f", 1 },
		/* C1, and its neighbours */
		{ "\xc2\x80", 2 }, { "\xc2\x9b" "31m", 2 }, { "\xc2\x9f", 2 }, { "\xc2\xa0", 0 },
		/* direction marks, and what surrounds them */
		{ "\xe2\x80\xae", 3 }, { "\xe2\x80\xaf", 0 }, { "\xe2\x80\x8a", 0 },
		{ "\xe2\x81\xa6", 3 }, { "\xd8\x9c", 2 }, { "\xf3\xa0\x81\x81", 4 },
		/* letters, and what ends too early */
		{ "\xc3\xa9", 0 }, { "\xe2\x82\xac", 0 }, { "\xe2\x80", 0 }, { "\xc2", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is(unprintable(cases[i].s, strlen(cases[i].s)), cases[i].length, "case %zu", i);
	return tap_done();
}
