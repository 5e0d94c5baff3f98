# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

base_sources = \
	%D%/cleanup.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/library.c \
	%D%/library.h \
	%D%/log.c \
	%D%/log.h \
	%D%/nearest.c \
	%D%/nearest.h \
	%D%/text.c \
	%D%/text.h
