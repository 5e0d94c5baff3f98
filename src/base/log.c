/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "printable.h"

static enum log_level log_level = LOG_NORMAL;
static bool printed = true;	/* the last error or warning was, and a hint about it may be */
static bool has_progress;	/* the line of it is there */

void log_set_level(enum log_level level)
{
	log_level = level;
}

void log_progress(const char *format, ...)
{
	char line[80];
	va_list args;

	if (log_level < LOG_NORMAL || !isatty(STDERR_FILENO))
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	dprintf(STDERR_FILENO, "\r%s\033[K", line);
	has_progress = true;
}

void log_progress_clear(void)
{
	if (has_progress)
		dprintf(STDERR_FILENO, "\r\033[K");
	has_progress = false;
}

/* Each character that a terminal would obey becomes a '?'.  Returns the new length. */
static size_t hide_unprintable(char *line, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		size_t bad = unprintable(line + i, len - i);

		line[used++] = bad > 0 ? '?' : line[i];
		i += bad > 0 ? bad : 1;
	}
	return used;
}

/* One write per line, so that lines of several processes do not mix. */
__attribute__((format(printf, 2, 0)))
static void print_line(const char *kind, const char *format, va_list args)
{
	char line[8192];
	int head = snprintf(line, sizeof(line), "msealctl: %s", kind);
	int body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, args);
	size_t len = (size_t)head + (body > 0 ? (size_t)body : 0);

	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	log_progress_clear();
	len = hide_unprintable(line, len);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return;		/* nowhere left to report it */
}

#define PRINT(kind, format)			\
	do {					\
		va_list args;			\
		va_start(args, format);		\
		print_line(kind, format, args);	\
		va_end(args);			\
	} while (0)

void log_error(const char *format, ...)
{
	printed = true;
	PRINT("", format);
}

void log_hint(const char *format, ...)
{
	static char last[512];
	char hint[sizeof(last)];
	va_list values;

	va_start(values, format);
	vsnprintf(hint, sizeof(hint), format, values);
	va_end(values);
	if (!printed || strcmp(hint, last) == 0)
		return;
	strcpy(last, hint);
	PRINT("hint: ", format);
}

void log_warning(const char *format, ...)
{
	printed = log_level >= LOG_NORMAL;
	if (printed)
		PRINT("warning: ", format);
}

void log_verbose(const char *format, ...)
{
	if (log_level >= LOG_VERBOSE)
		PRINT("", format);
}
