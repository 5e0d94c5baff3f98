# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

process_sources = \
	%D%/auxv.c \
	%D%/auxv.h \
	%D%/cgroup.c \
	%D%/cgroup.h \
	%D%/diagnose.c \
	%D%/diagnose.h \
	%D%/frozen.c \
	%D%/frozen.h \
	%D%/heads.c \
	%D%/heads.h \
	%D%/identity.c \
	%D%/identity.h \
	%D%/pids.c \
	%D%/pids.h \
	%D%/privileges.c \
	%D%/privileges.h \
	%D%/proc-file.c \
	%D%/proc-file.h \
	%D%/process.c \
	%D%/process.h \
	%D%/remote-memory.c \
	%D%/remote-memory.h \
	%D%/shmem.c \
	%D%/shmem.h \
	%D%/survey.c \
	%D%/survey.h \
	%D%/targets.c \
	%D%/targets.h \
	%D%/worker.c \
	%D%/worker.h
