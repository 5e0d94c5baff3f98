/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LOG_H
#define MSEALCTL_LOG_H

/*
 * Messages for people, on stderr, one line each: "msealctl: " and the text, which is
 * "OBJECT: what failed: reason".  Mostly commands log; lower layers return -errno, and those
 * that do log say so in their headers.
 */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * What can be done about the last error or warning, if that was printed; not the same twice in
 * a row.
 */
void log_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What the user should know though nothing failed; not printed at LOG_QUIET. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Printed only at LOG_VERBOSE. */
void log_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Show how far a long job is, if stderr is a terminal, in place of the last such line.  The
 * next message removes it, or log_progress_clear(), which comes before any other output.
 */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_progress_clear(void);

enum log_level {
	LOG_QUIET,		/* errors and their hints */
	LOG_NORMAL,		/* and warnings */
	LOG_VERBOSE,
};

/* For all messages from now on; LOG_NORMAL before the first call. */
void log_set_level(enum log_level level);

#endif
