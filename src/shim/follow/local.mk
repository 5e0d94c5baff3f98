# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

follow_sources = \
	%D%/audit.h \
	%D%/dlerror.c \
	%D%/dlerror.h \
	%D%/follow.c \
	%D%/init-hook.c \
	%D%/init-hook.h \
	%D%/late-stderr.c \
	%D%/late-stderr.h \
	%D%/object-rows.c \
	%D%/object-rows.h \
	%D%/relro.c \
	%D%/relro.h \
	%D%/seccomp-filters.c \
	%D%/seccomp-filters.h

audit_sources = \
	%D%/audit.c \
	%D%/audit.h \
	%D%/relro.h

EXTRA_DIST += %D%/README
