/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "line.h"

#include <errno.h>
#include <string.h>

#include "number.h"

void line_begin(struct line *line)
{
	line->len = 0;
	line_text(line, "msealctl: ");
}

void line_bytes(struct line *line, const char *s, size_t len)
{
	for (size_t i = 0; i < len && line->len < sizeof(line->text) - 1; i++) {
		unsigned char c = (unsigned char)s[i];

		/* a path may hold an escape sequence for the terminal */
		line->text[line->len++] = c < ' ' || c == 0x7f ? '?' : (char)c;
	}
}

void line_text(struct line *line, const char *s)
{
	line_bytes(line, s, strlen(s));
}

void line_range(struct line *line, uint64_t start, uint64_t end)
{
	char hex[NUMBER_HEX_SIZE];

	line_text(line, number_hex(hex, start));
	line_text(line, "-");
	line_text(line, number_hex(hex, end));
}

/*
 * Not strerror(3), which would load translations, nor strerrorname_np(3), which musl does
 * not have.
 */
const char *error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" }, { ENOENT, "ENOENT" }, { EINTR, "EINTR" }, { EIO, "EIO" },
		{ EAGAIN, "EAGAIN" }, { ENOMEM, "ENOMEM" }, { EACCES, "EACCES" },
		{ EFAULT, "EFAULT" }, { EINVAL, "EINVAL" }, { ENFILE, "ENFILE" },
		{ EMFILE, "EMFILE" }, { ENOSYS, "ENOSYS" }, { ENOTDIR, "ENOTDIR" },
		{ ELOOP, "ELOOP" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == -error)
			return names[i].name;
	return "unknown error";
}
