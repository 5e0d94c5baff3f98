/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LINE_H
#define MSEALCTL_LINE_H

#include <stddef.h>
#include <stdint.h>

/* One message, built without stdio or malloc(3).  What does not fit is cut off. */
struct line {
	char text[1024];	/* always has room for a newline at the end */
	size_t len;
};

void line_begin(struct line *line);	/* "msealctl: " */
void line_text(struct line *line, const char *s);
void line_bytes(struct line *line, const char *s, size_t len);	/* what is unprintable: '?' */
void line_range(struct line *line, uint64_t start, uint64_t end);	/* 0xSTART-0xEND */

/* Short name of the negative errno ERROR, such as "EPERM". */
const char *error_name(int error);

#endif
