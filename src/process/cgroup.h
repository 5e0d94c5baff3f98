/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_CGROUP_H
#define MSEALCTL_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * TEXT is that of /proc/PID/cgroup: lines "ID:CONTROLLERS:PATH", cgroups(7); version 2 has
 * no controllers there.  GLOB is as in glob.h.
 */

/* Does GLOB match the path of a cgroup that the process is in, of any version, or of one above? */
bool cgroup_matches(const char *text, const char *glob);

/*
 * Does GLOB match a unit of systemd.unit(5) that the process is part of, with or without its
 * ".service"?  These are, as for systemd-cgls(1), the unit, the slices that it is in, and
 * those of the user's own manager; not what is below a unit, which may be of a container.
 */
bool cgroup_unit_matches(const char *text, const char *glob);

/* The innermost of these units that is no slice, in BUF; "" if there is none. */
const char *cgroup_unit(const char *text, char *buf, size_t size);

#endif
