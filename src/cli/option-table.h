/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_OPTION_TABLE_H
#define MSEALCTL_OPTION_TABLE_H

#include "options.h"

struct option_spec;

/* Store the argument of an option, or NULL if it has none.  Returns -EINVAL after an error. */
typedef int option_setter(struct options *o, const struct option_spec *spec, char *value);

/* All options of all commands: parsing, help and conflicts come from this table. */
struct option_spec {
	const char *name;
	char letter;
	const char *argument;	/* its name in the help; NULL for a switch */
	const char *help;
	unsigned group;
	size_t offset;		/* of the field that the setter fills in */
	option_setter *set;
};

/* In the order of the help; the last has no name. */
extern const struct option_spec option_specs[];

/* Room for all of them: asserted in option-table.c. */
#define OPTIONS_MAX 64

#endif
