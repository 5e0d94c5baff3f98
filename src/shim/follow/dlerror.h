/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_DLERROR_H
#define MSEALCTL_DLERROR_H

/*
 * What dlerror(3) has to tell this thread, or has told it: each call of the dlopen(3)
 * family frees it, those of ours, too.  So it is hidden from them.
 */
int dlerror_find(void);		/* at the start, when there is nothing to lose; 0 or -errno */
void *dlerror_hide(void);
void dlerror_show(void *message);	/* and drop what there is of our own */

#endif
