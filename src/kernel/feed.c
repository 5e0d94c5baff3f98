/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Runs on the host: passes the standard input on to the machine, by frames on 1, one for
 * each byte that it reads from 3; see relay.h.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "relay.h"

/* Answer each request from ASKED with a frame of IN on PORT, to the last.  0 or -errno. */
static int feed(int in, int asked, int port)
{
	uint8_t request, frame[2 + FRAME_MAX];

	for (;;) {
		ssize_t n;
		int r = read_all(asked, &request, 1);

		if (r != 0)
			return r;
		n = read_some(in, frame + 2, FRAME_MAX);
		/* an input that cannot be read has none */
		if (n < 0)
			n = 0;
		frame[0] = (uint8_t)n;
		frame[1] = (uint8_t)(n >> 8);
		r = write_all(port, frame, 2 + (size_t)n);
		if (n == 0 || r != 0)
			return r;
	}
}

int main(void)
{
	int r;

	/* in the background of a terminal: read() fails, rather than stop all of run.sh */
	signal(SIGTTIN, SIG_IGN);
	r = feed(STDIN_FILENO, 3, STDOUT_FILENO);

	if (r != 0)
		fprintf(stderr, "run.sh: cannot pass on the input: %s\n", strerror(-r));
	return r != 0;
}
