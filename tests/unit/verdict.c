/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* What check advises, where msealctl has attach and where it has not. */
#include "verdict.h"

#include "no-tracer.h"
#include "tap.h"

static const char *machine;
static char printed[4096];

/* In place of the tracer. */
const char *no_tracer(void)
{
	return machine;
}

/* In place of the report. */
void report_line(struct report *report, const char *line)
{
	(void)report;
	strncat(printed, line, sizeof(printed) - strlen(printed) - 2);
	strcat(printed, "\n");
}

/* The lines for a process with one of each shortfall. */
static const char *advice(void)
{
	struct verdict v = { .word = VERDICT_UNSEALED };

	for (size_t i = 0; i < SHORT_COUNT; i++)
		v.shortfalls[i].count = 1;
	printed[0] = '\0';
	verdict_print(&v, NULL, false);
	v.seal_given = true;
	verdict_print(&v, NULL, false);
	return printed;
}

int main(void)
{
	ok(strstr(advice(), "1 never sealed: attach to it, or start it by msealctl exec\n"),
	   "attach is advised");
	ok(strstr(printed, "attach again, with this --seal\n"), "with this --seal");
	machine = "s390x";
	ok(!strstr(advice(), "attach"), "no attach is advised where there is none");
	ok(strstr(printed, "1 never sealed: start it by msealctl exec\n"), "but exec");
	ok(strstr(printed, "1 being loaded: check again\n"), "what needs no attach stays");
	return tap_done();
}
