# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# Everything that the command and the shim share.
core_sources = \
	%D%/arena.c \
	%D%/arena.h \
	%D%/backend.c \
	%D%/backend.h \
	%D%/choice.c \
	%D%/choice.h \
	%D%/dynamic.c \
	%D%/dynamic.h \
	%D%/elf-image.c \
	%D%/elf-image.h \
	%D%/exit-status.h \
	%D%/glob.c \
	%D%/glob.h \
	%D%/line.c \
	%D%/line.h \
	%D%/load-state.c \
	%D%/load-state.h \
	%D%/maps.c \
	%D%/maps.h \
	%D%/memory.c \
	%D%/memory.h \
	%D%/mseal.c \
	%D%/mseal.h \
	%D%/needed.c \
	%D%/needed.h \
	%D%/number.c \
	%D%/number.h \
	%D%/page.h \
	%D%/path.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/printable.c \
	%D%/printable.h \
	%D%/procmap-query.h \
	%D%/region.c \
	%D%/region.h \
	%D%/select.c \
	%D%/select.h \
	%D%/settings.c \
	%D%/settings.h
