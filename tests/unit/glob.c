/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Globs: '*', '?' and '\', nothing else, and no pattern takes for ever. */
#include "glob.h"

#include "tap.h"

static bool match(const char *pattern, const char *s)
{
	return glob_match(pattern, strlen(pattern), s, strlen(s));
}

static void test_matches(void)
{
	static const struct { const char *pattern, *s; } cases[] = {
		{ "", "" },
		{ "*", "" },
		{ "***", "" },
		{ "*", "anything at all" },
		{ "libc.so.6", "libc.so.6" },
		{ "libc*", "libc.so.6" },
		{ "*.so.?", "libc.so.6" },
		{ "/usr/*", "/usr/lib/x86_64/libc.so.6" },
		{ "*ab", "aab" },
		{ "*ab", "ababab" },
		{ "a*b*c", "a-b-b-c" },
		{ "a*a", "aa" },
		{ "??", "ab" },
		{ "*?", "a" },
		{ "?*", "a" },
		{ "[heap]", "[heap]" },
		{ "[anon:*]", "[anon:my arena]" },
		{ "[vdso", "[vdso" },
		{ "{a,b}", "{a,b}" },
		{ "~", "~" },
		{ "\\*", "*" },
		{ "\\?", "?" },
		{ "\\\\", "\\" },
		{ "a\\,b", "a,b" },
		{ "\\a", "a" },
		{ "*\\*", "ab*" },
		{ "*\\\\012*", "/srv/new\\012line" },
		{ "trailing\\", "trailing\\" },
		{ "\xc3\xa4", "\xc3\xa4" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(match(cases[i].pattern, cases[i].s), "'%s' matches '%s'",
		   cases[i].pattern, cases[i].s);
}

static void test_mismatches(void)
{
	static const struct { const char *pattern, *s; } cases[] = {
		{ "", "a" },
		{ "a", "" },
		{ "?", "" },
		{ "?", "ab" },
		{ "a", "A" },
		{ "libc", "libc.so.6" },
		{ "libc.so.6", "libc" },
		{ "*b", "abc" },
		{ "a*b", "a" },
		{ "a*a", "a" },
		{ "[heap]", "h" },
		{ "[a-z]", "m" },
		{ "\\*", "a" },
		{ "\\*", "\\*" },
		{ "\\?", "a" },
		{ "\\?", "\\a" },
		{ "\\\\", "\\\\" },
		{ "a\\,b", "a\\,b" },
		{ "*\\*", "ab" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(!match(cases[i].pattern, cases[i].s), "'%s' does not match '%s'",
		   cases[i].pattern, cases[i].s);
}

static void test_lengths(void)
{
	ok(glob_match("abc", 2, "abx", 2), "bytes behind both lengths do not count");
	ok(!glob_match("a*", 1, "ab", 2), "a '*' behind the pattern's length does not count");
	ok(glob_match("a\\*", 2, "a\\", 2), "a '\\' that the length cuts off stands for itself");
}

/* A backtracking matcher would not finish before the machine is scrapped. */
static void test_cost(void)
{
	static char s[20000], pattern[2000];

	memset(s, 'a', sizeof(s));
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = i % 2 ? 'a' : '*';
	ok(glob_match(pattern, sizeof(pattern), s, sizeof(s)), "a thousand '*' match");
	pattern[sizeof(pattern) - 1] = 'b';
	ok(!glob_match(pattern, sizeof(pattern), s, sizeof(s)), "or do not, and it ends");
}

int main(void)
{
	test_matches();
	test_mismatches();
	test_lengths();
	test_cost();
	return tap_done();
}
