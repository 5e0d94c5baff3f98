/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_STDERR_H
#define MSEALCTL_STDERR_H

#include <stdbool.h>

#include "line.h"

/* Write LINE and a newline.  Errors are ignored: the exit status has to speak then. */
void stderr_write(struct line *line);

/* May standard error be written to?  A pipe without a reader would end the program: SIGPIPE. */
bool stderr_has_reader(void);

#endif
