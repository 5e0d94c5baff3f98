/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "line.h"

#include <errno.h>
#include <string.h>

#include "number.h"
#include "printable.h"

void line_begin(struct line *line)
{
	line->len = 0;
	line_text(line, "msealctl: ");
}

void line_bytes(struct line *line, const char *s, size_t len)
{
	while (len > 0 && line->len < sizeof(line->text) - 1) {
		size_t bad = unprintable(s, len), n = bad > 0 ? bad : 1;

		line->text[line->len++] = bad > 0 ? '?' : *s;
		s += n;
		len -= n;
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
