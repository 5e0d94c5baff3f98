/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_NO_TRACER_H
#define MSEALCTL_NO_TRACER_H

/*
 * NULL where msealctl can trace programs; else the name of this machine, by uname(2), whose
 * registers it does not know: no-tracer.c then has the place of the tracer.
 */
const char *no_tracer(void);

#endif
