/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Numbers: digits only, and never more than fits. */
#include "number.h"

#include <errno.h>

#include "tap.h"

#define UNTOUCHED 0x5ea1

static void test_scan(void)
{
	static const struct {
		const char *s;
		unsigned base;
		size_t digits;
		uint64_t value;
	} cases[] = {
		{ "0", 10, 1, 0 },
		{ "42 rest", 10, 2, 42 },
		{ "42a", 10, 2, 42 },
		{ "42a", 16, 3, 0x42a },
		{ "FfG", 16, 2, 0xff },
		{ "00000000000000000000000000007", 10, 29, 7 },
		{ "18446744073709551615", 10, 20, UINT64_MAX },
		{ "18446744073709551616", 10, 0, UNTOUCHED },
		{ "99999999999999999999", 10, 0, UNTOUCHED },
		{ "ffffffffffffffff", 16, 16, UINT64_MAX },
		{ "10000000000000000", 16, 0, UNTOUCHED },
		{ "", 10, 0, UNTOUCHED },
		{ "-1", 10, 0, UNTOUCHED },
		{ "+1", 10, 0, UNTOUCHED },
		{ " 1", 10, 0, UNTOUCHED },
		{ "0x10", 16, 1, 0 },
		{ "g", 16, 0, UNTOUCHED },
		{ "\xff", 16, 0, UNTOUCHED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = UNTOUCHED;
		size_t n = number_scan(cases[i].s, strlen(cases[i].s), cases[i].base, &value);

		is(n, cases[i].digits, "\"%s\" in base %u: digits", cases[i].s, cases[i].base);
		is(value, cases[i].value, "\"%s\" in base %u: value", cases[i].s,
		   cases[i].base);
	}
}

static void test_scan_length(void)
{
	uint64_t value = UNTOUCHED;

	is(number_scan("1234", 2, 10, &value), 2, "digits behind the length are not read");
	is(value, 12, "nor do they count");
	is(number_scan("1234", 0, 10, &value), 0, "no bytes are no number");
}

static void test_parse(void)
{
	static const struct {
		const char *s;
		unsigned base;
		uint64_t max;
		int result;
		uint64_t value;
	} cases[] = {
		{ "0", 10, 10, 0, 0 },
		{ "10", 10, 10, 0, 10 },
		{ "11", 10, 10, -ERANGE, UNTOUCHED },
		{ "007", 10, 10, 0, 7 },
		{ "ff", 16, 255, 0, 255 },
		{ "100", 16, 255, -ERANGE, UNTOUCHED },
		{ "18446744073709551615", 10, UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", 10, UINT64_MAX, -ERANGE, UNTOUCHED },
		{ "10000000000000000", 16, UINT64_MAX, -ERANGE, UNTOUCHED },
		{ "18446744073709551616x", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "18446744073709551616a", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "-1", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "+1", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ " 1", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "1 ", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "1\n", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "0x1", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "0x1", 16, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "1a", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "a1", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "1.5", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
		{ "1e3", 10, UINT64_MAX, -EINVAL, UNTOUCHED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = UNTOUCHED;
		int r = number_parse(cases[i].s, cases[i].base, cases[i].max, &value);

		is(r, cases[i].result, "case %zu in base %u: result", i, cases[i].base);
		is(value, cases[i].value, "case %zu in base %u: value", i, cases[i].base);
	}
}

int main(void)
{
	test_scan();
	test_scan_length();
	test_parse();
	return tap_done();
}
