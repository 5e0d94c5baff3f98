/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_AUDIT_H
#define MSEALCTL_AUDIT_H

#include <link.h>

/* What the shim wants to hear of the events of rtld-audit(7); NULL until it registers. */
struct audit_callbacks {
	void (*adding)(void);	/* objects will be loaded; earlier loads are finished */
	void (*opened)(struct link_map *map, Lmid_t lmid);	/* mapped, not yet relocated */
	void (*closed)(struct link_map *map);	/* will be unmapped */
};

#endif
