/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "cgroup.h"

#include <stdio.h>
#include <string.h>

#include "glob.h"

/* A part of the text. */
struct part {
	const char *text;
	size_t len;
};

static bool ends_with(struct part part, const char *suffix)
{
	size_t len = strlen(suffix);

	return part.len > len && memcmp(part.text + part.len - len, suffix, len) == 0;
}

static bool matches(struct part part, const char *glob)
{
	return glob_match(glob, strlen(glob), part.text, part.len);
}

/* Take what comes before the next SEPARATOR off REST. */
static struct part take_off(struct part *rest, char separator)
{
	const char *end = memchr(rest->text, separator, rest->len);
	struct part head = { rest->text, end ? (size_t)(end - rest->text) : rest->len };
	size_t gone = head.len + (end != NULL);

	*rest = (struct part){ rest->text + gone, rest->len - gone };
	return head;
}

/* The next line: what it has for controllers, and its path. */
static bool next_hierarchy(struct part *rest, struct part *ret_controllers, struct part *ret_path)
{
	static const char mark[] = " (deleted)";
	struct part line;

	if (rest->len == 0)
		return false;
	line = take_off(rest, '\n');
	take_off(&line, ':');
	*ret_controllers = take_off(&line, ':');
	*ret_path = line;
	if (ends_with(line, mark))
		ret_path->len -= strlen(mark);
	return true;
}

/* From a path to that of the cgroup above; false at the root. */
static bool go_up(struct part *path)
{
	if (path->len <= 1)
		return false;
	do
		path->len--;
	while (path->len > 1 && path->text[path->len] != '/');
	return true;
}

bool cgroup_matches(const char *text, const char *glob)
{
	struct part rest = { text, strlen(text) }, controllers, path;

	while (next_hierarchy(&rest, &controllers, &path)) {
		do {
			if (matches(path, glob))
				return true;
		} while (go_up(&path));
	}
	return false;
}

/* Those kinds of units that have cgroups. */
static bool is_unit(struct part name)
{
	static const char *const suffixes[] = {
		".service", ".scope", ".slice", ".socket", ".mount", ".swap",
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (ends_with(name, suffixes[i]))
			return true;
	return false;
}

/* Take the next unit off PATH. */
static bool next_unit(struct part *path, struct part *ret)
{
	static const char manager[] = "user@";

	while (path->len > 0) {
		struct part name = take_off(path, '/');

		/* systemd puts this before names that the kernel could take for its own files */
		if (name.len > 0 && name.text[0] == '_')
			name = (struct part){ name.text + 1, name.len - 1 };
		if (!is_unit(name))
			continue;
		if (!ends_with(name, ".slice") &&
		    !(ends_with(name, ".service") && strncmp(name.text, manager, strlen(manager)) == 0))
			path->len = 0;
		*ret = name;
		return true;
	}
	return false;
}

/* The next line of a hierarchy that systemd may use: its own of version 1, or version 2. */
static bool next_of_systemd(struct part *rest, struct part *ret_path)
{
	static const char own[] = "name=systemd";
	struct part controllers;

	while (next_hierarchy(rest, &controllers, ret_path))
		if (controllers.len == 0 || (controllers.len == strlen(own) &&
					     memcmp(controllers.text, own, strlen(own)) == 0))
			return true;
	return false;
}

bool cgroup_unit_matches(const char *text, const char *glob)
{
	struct part rest = { text, strlen(text) }, path, unit;

	while (next_of_systemd(&rest, &path)) {
		while (next_unit(&path, &unit)) {
			if (matches(unit, glob))
				return true;
			if (!ends_with(unit, ".service"))
				continue;
			unit.len -= strlen(".service");
			if (matches(unit, glob))
				return true;
		}
	}
	return false;
}

const char *cgroup_unit(const char *text, char *buf, size_t size)
{
	struct part rest = { text, strlen(text) }, path, unit, found = { "", 0 };

	while (found.len == 0 && next_of_systemd(&rest, &path))
		while (next_unit(&path, &unit))
			if (!ends_with(unit, ".slice"))
				found = unit;
	snprintf(buf, size, "%.*s", (int)found.len, found.text);
	return buf;
}
