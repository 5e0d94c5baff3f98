/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "printable.h"

#include <string.h>

/* Ranges of characters in UTF-8 that differ in their last byte alone. */
static const struct {
	char head[4];
	unsigned char first, last;
} ranges[] = {
	{ "\xc2", 0x80, 0x9f },			/* U+0080 to U+009F */
	{ "\xd8", 0x9c, 0x9c },			/* U+061C */
	{ "\xe1\xa0", 0x8e, 0x8e },		/* U+180E */
	{ "\xe2\x80", 0x8b, 0x8f },		/* U+200B to U+200F */
	{ "\xe2\x80", 0xaa, 0xae },		/* U+202A to U+202E */
	{ "\xe2\x81", 0xa0, 0xaf },		/* U+2060 to U+206F */
	{ "\xef\xbb", 0xbf, 0xbf },		/* U+FEFF */
	{ "\xef\xbf", 0xb9, 0xbb },		/* U+FFF9 to U+FFFB */
	{ "\xf3\xa0\x80", 0x80, 0xbf },		/* U+E0000 to U+E003F */
	{ "\xf3\xa0\x81", 0x80, 0xbf },		/* U+E0040 to U+E007F */
};

size_t unprintable(const char *s, size_t len)
{
	if (len == 0)
		return 0;
	if ((unsigned char)*s < ' ' || *s == 0x7f)
		return 1;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		size_t head = strlen(ranges[i].head);

		if (len > head && memcmp(s, ranges[i].head, head) == 0 &&
		    (unsigned char)s[head] >= ranges[i].first &&
		    (unsigned char)s[head] <= ranges[i].last)
			return head + 1;
	}
	return 0;
}
