# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

probe_sources = \
	%D%/support.c \
	%D%/support.h \
	%D%/tracing-trial.c \
	%D%/tracing-trial.h \
	%D%/trial.c \
	%D%/trial.h
