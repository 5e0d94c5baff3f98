/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "message.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Room for the newline is kept. */
#define LIMIT (sizeof(((struct message *)NULL)->text) - 1)

void message_begin(struct message *m)
{
	m->len = 0;
	message_text(m, "msealctl: ");
}

void message_bytes(struct message *m, const char *s, size_t len)
{
	for (size_t i = 0; i < len && m->len < LIMIT; i++) {
		unsigned char c = (unsigned char)s[i];

		/* a path may hold what a terminal would obey */
		m->text[m->len++] = c < ' ' || c == 0x7f ? '?' : (char)c;
	}
}

void message_text(struct message *m, const char *s)
{
	message_bytes(m, s, strlen(s));
}

static void message_hex(struct message *m, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 60;

	message_text(m, "0x");
	while (shift > 0 && value >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		message_bytes(m, &digits[(value >> shift) & 15], 1);
}

void message_range(struct message *m, uint64_t start, uint64_t end)
{
	message_hex(m, start);
	message_text(m, "-");
	message_hex(m, end);
}

/*
 * strerror(3) would load translations, and strerrorname_np(3) is glibc's alone; the
 * short names say as much.
 */
const char *message_error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" }, { ENOENT, "ENOENT" }, { EINTR, "EINTR" }, { EIO, "EIO" },
		{ EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" }, { EACCES, "EACCES" }, { EFAULT, "EFAULT" },
		{ EINVAL, "EINVAL" }, { ENFILE, "ENFILE" }, { EMFILE, "EMFILE" },
		{ ENOSYS, "ENOSYS" }, { ENOTDIR, "ENOTDIR" }, { ELOOP, "ELOOP" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == -error)
			return names[i].name;
	return "unknown error";
}

void message_errno(struct message *m, int error)
{
	message_text(m, message_error_name(error));
}

bool message_has_reader(void)
{
	struct pollfd stderr_now = { .fd = STDERR_FILENO, .events = POLLOUT };
	struct timespec at_once = { 0 };

	return syscall(SYS_ppoll, &stderr_now, 1, &at_once, NULL, 0) >= 0 &&
	       !(stderr_now.revents & (POLLERR | POLLHUP));
}

void message_send(struct message *m)
{
	m->text[m->len++] = '\n';
	if (write(STDERR_FILENO, m->text, m->len) < 0)
		return;		/* no stderr: the exit status tells */
}
