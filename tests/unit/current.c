/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Whether a survey is still true of a process: of a child that changes what it has mapped. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "own-memory.h"
#include "survey.h"
#include "tap.h"

static int commands[2], answers[2];

_Noreturn static void give_up(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static void change(char *object, size_t size, char command)
{
	static char *more;

	if (command == 'm') {
		more = mmap(NULL, size, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	} else if (command == 'u') {
		munmap(more, size);
	} else if (command == 'p') {
		mprotect(object, size, PROT_READ | PROT_EXEC);
	} else {
		/* the rows stay, but not the number of program headers */
		mprotect(object, size, PROT_READ | PROT_WRITE);
		object[56] ^= 1;
		mprotect(object, size, PROT_READ);
	}
}

static void be_child(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char *object = mmap(NULL, size, PROT_READ, MAP_PRIVATE, exe, 0);
	char command = object == MAP_FAILED ? 'x' : 'r';

	do {
		if (command != 'r')
			change(object, size, command);
		if (write(answers[1], &command, 1) != 1)
			break;
	} while (read(commands[0], &command, 1) == 1);
	_exit(0);
}

static void order(char command)
{
	if (command && write(commands[1], &command, 1) != 1)
		give_up("the child does not listen");
	if (read(answers[0], &command, 1) != 1 || command == 'x')
		give_up("the child does not answer");
}

int main(void)
{
	static const struct { char command; bool current; const char *title; } cases[] = {
		{ 'r', true, "nothing has changed" },
		{ 'm', false, "a mapping more" },
		{ 'u', true, "that is gone" },
		{ 'w', false, "the head of an object has changed" },
		{ 'w', true, "and is what it was" },
		{ 'p', false, "a permission has changed" },
	};
	struct survey survey, plain;
	pid_t child;

	if (!has_remote_reads("a survey"))
		return tap_done();
	if (pipe(commands) != 0 || pipe(answers) != 0 || (child = fork()) < 0)
		give_up("pipe or fork");
	if (child == 0) {
		close(commands[1]);
		be_child();
	}
	order(0);
	if (survey_read(&survey, child, child, SURVEY_MAPS | SURVEY_KEEP) < 0 ||
	    survey_read(&plain, child, child, SURVEY_MAPS) < 0)
		give_up("the child cannot be read");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		order(cases[i].command);
		ok(survey_is_current(&survey, child, child) == cases[i].current, "%s",
		   cases[i].title);
	}
	ok(!survey_is_current(&plain, child, child), "without what was kept, it is not known");
	close(commands[1]);
	survey_free(&survey);
	survey_free(&plain);
	return tap_done();
}
