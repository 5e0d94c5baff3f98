/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_TEXT_H
#define MSEALCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * From now on, use the LC_CTYPE of the environment.  text_set_locale() loads it, which the
 * functions below call at the first character that is not ASCII: that takes 65 us, and all
 * that libsmartcols prints is slower afterwards.
 */
void text_want_locale(void);
void text_set_locale(void);

/*
 * Names come from other processes and may hold anything.  Copy S to OUT (4 bytes
 * per byte of S, and 1) with all that is not printable in the current locale, or would turn a
 * row around or be invisible, as \xNN.  Returns the length of OUT.
 */
size_t text_make_printable(char *out, const char *s);

/*
 * S for a string of JSON, malloc'ed; NULL when out of memory.  As \xNN are the bytes that are
 * not valid UTF-8, and those of controls, but for the ones that JSON itself escapes.
 */
char *text_make_utf8(const char *s);

/* Columns that the printable S takes on a terminal. */
size_t text_width(const char *s);

/* Does the current locale have the characters of Unicode? */
bool text_is_unicode(void);

/*
 * The printable S in at most WIDTH columns, malloc'ed; NULL when out of memory.  What does not
 * fit is cut off at the end, or at the start if KEEP_END, and a mark (in ASCII "..") is there.
 */
char *text_cut(const char *s, size_t width, bool keep_end);

/* BYTES in a unit that a person can read: "132K", "1.4M"; BUF as large as SIZE. */
char *text_size(char *buf, size_t size, uint64_t bytes);

#endif
