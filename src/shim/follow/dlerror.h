/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_DLERROR_H
#define MSEALCTL_DLERROR_H

/*
 * The message that dlerror(3) has for this thread: each function of the dlopen(3) family
 * frees it, so it is hidden while the shim calls one.
 */
int dlerror_find(void);		/* at the start, before there is a message; 0 or -errno */
void *dlerror_hide(void);
void dlerror_show(void *message);	/* and drop a message of the shim's own call */

#endif
