/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "number.h"

#include <errno.h>
#include <string.h>

static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return UINT32_MAX;
}

size_t number_scan(const char *s, size_t len, unsigned base, uint64_t *ret)
{
	uint64_t value = 0;
	size_t n;

	for (n = 0; n < len; n++) {
		unsigned digit = digit_value(s[n]);

		if (digit >= base)
			break;
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return 0;
	}
	if (n > 0)
		*ret = value;
	return n;
}

int number_parse(const char *s, unsigned base, uint64_t max, uint64_t *ret)
{
	size_t len = strlen(s);
	uint64_t value;
	size_t digits = strspn(s, "0123456789abcdefABCDEF");

	if (len == 0 || digits != len)
		return -EINVAL;
	if (number_scan(s, len, base, &value) != len)
		return strspn(s, "0123456789") == len || base == 16 ? -ERANGE : -EINVAL;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

char *number_hex(char buf[NUMBER_HEX_SIZE], uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;
	char *s = buf;

	*s++ = '0';
	*s++ = 'x';
	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*s++ = digits[(value >> shift) & 15];
	*s = '\0';
	return buf;
}
