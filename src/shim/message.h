/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MESSAGE_H
#define MSEALCTL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line for stderr, made without stdio; what does not fit is cut. */
struct message {
	char text[1024];
	size_t len;
};

void message_begin(struct message *m);		/* "msealctl: " */
void message_text(struct message *m, const char *s);
void message_bytes(struct message *m, const char *s, size_t len);
void message_range(struct message *m, uint64_t start, uint64_t end);	/* 0xSTART-0xEND */
const char *message_error_name(int error);	/* of -errno: "EPERM" */
void message_errno(struct message *m, int error);	/* the same */
void message_send(struct message *m);

/*
 * Is there a standard error that takes what is written?  To write where nobody reads any
 * more would end the program: SIGPIPE.
 */
bool message_has_reader(void);

#endif
