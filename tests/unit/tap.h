/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TAP_H
#define MSEALCTL_TAP_H

/*
 * The Test Anything Protocol for programs: one line a check, the plan at the
 * end, so that a program which dies half-way has none and counts as broken.
 *
 * A check that compares prints both values when they differ.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_checks;

/* The line of one check; diagnostics follow it. */
__attribute__((format(printf, 4, 5)))
static inline bool tap_check(bool passed, const char *file, int line, const char *title, ...)
{
	va_list args;

	printf("%s %u - ", passed ? "ok" : "not ok", ++tap_checks);
	va_start(args, title);
	vprintf(title, args);
	va_end(args);
	putchar('\n');
	if (!passed)
		printf("# %s:%d\n", file, line);
	/* a sanitizer ends the program without emptying its buffers */
	fflush(stdout);
	return passed;
}

static inline void tap_differ_u64(uint64_t got, uint64_t want)
{
	printf("#  got %#" PRIx64 " (%" PRId64 ")\n# want %#" PRIx64 " (%" PRId64 ")\n",
	       got, (int64_t)got, want, (int64_t)want);
}

static inline bool tap_same_str(const char *got, const char *want)
{
	return got == want || (got && want && strcmp(got, want) == 0);
}

/* A string as a diagnostic: no line of it may pass for a line of the protocol. */
static inline void tap_show_str(const char *what, const char *s)
{
	printf("# %s \"", what);
	for (; s && *s; s++)
		if (*s == '\n')
			printf("\\n\n#       ");
		else
			putchar(*s);
	printf("\"%s\n", s ? "" : " (null)");
}

static inline void tap_differ_str(const char *got, const char *want)
{
	tap_show_str(" got", got);
	tap_show_str("want", want);
}

/* CONDITION holds; the rest is the check's title, as for printf. */
#define ok(condition, ...) \
	tap_check((condition), __FILE__, __LINE__, __VA_ARGS__)

/* Two integers are equal: addresses, counts, enums, results of functions. */
#define is(got, want, ...) do { \
	uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want); \
	if (!tap_check(got_ == want_, __FILE__, __LINE__, __VA_ARGS__)) \
		tap_differ_u64(got_, want_); \
} while (0)

/* Two strings are equal. */
#define is_str(got, want, ...) do { \
	const char *got_ = (got), *want_ = (want); \
	if (!tap_check(tap_same_str(got_, want_), __FILE__, __LINE__, __VA_ARGS__)) \
		tap_differ_str(got_, want_); \
} while (0)

/* What main() returns: the failures are in the output. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_checks);
	return 0;
}

#endif
