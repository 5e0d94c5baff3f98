/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_AUDIT_H
#define MSEALCTL_AUDIT_H

#include <link.h>

/*
 * Whom to tell of what ld.so tells an auditor, rtld-audit(7); NULL: nobody yet.
 *
 * An auditor lives in a namespace of its own, where every library that it needs is
 * loaded once more; so the one of "--follow-dlopen" needs none, and only passes on
 * what it hears to the shim, which is in the program's namespace and has its libc.
 * The two find each other by the variable SETTING_COURIER.
 */
struct courier {
	void (*adding)(void);	/* objects will be loaded; what was before is done with */
	void (*opened)(struct link_map *map, Lmid_t lmid);	/* mapped, not yet relocated */
	void (*closed)(struct link_map *map);	/* to be unmapped */
};

#endif
