# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# Of both shims, beside core and the entry in shim.c.
shim_sources = \
	%D%/environment.c \
	%D%/environment.h \
	%D%/follow.h \
	%D%/maps-from-loader.c \
	%D%/maps-from-loader.h \
	%D%/own-libc.c \
	%D%/program-start.c \
	%D%/program-start.h \
	%D%/seal-self.c \
	%D%/seal-self.h \
	%D%/stderr.c \
	%D%/stderr.h
