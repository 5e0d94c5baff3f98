/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SVC_H
#define MSEALCTL_SVC_H

/* svc #0, which makes a system call; Linux ignores the operand, but nobody gives another. */
#define SVC 0xd4000001u

#endif
