/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "glob.h"

/* Does the pattern element at P (not '*') match byte C?  *ret_length: its bytes. */
static bool element_matches(const char *p, size_t left, char c, size_t *ret_length)
{
	*ret_length = 1;
	if (p[0] == '?')
		return true;
	if (p[0] == '\\' && left > 1) {
		*ret_length = 2;
		return p[1] == c;
	}
	return p[0] == c;
}

bool glob_match(const char *pattern, size_t plen, const char *s, size_t slen)
{
	size_t p = 0, i = 0;
	/* where to resume after the latest '*' when a match fails */
	bool star = false;
	size_t star_p = 0, star_i = 0;

	while (i < slen) {
		size_t length;

		if (p < plen && pattern[p] == '*') {
			star = true;
			star_p = ++p;
			star_i = i;
		} else if (p < plen && element_matches(pattern + p, plen - p, s[i], &length)) {
			p += length;
			i++;
		} else if (star) {
			p = star_p;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (p < plen && pattern[p] == '*')
		p++;
	return p == plen;
}
