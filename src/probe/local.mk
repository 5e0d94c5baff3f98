# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

probe_sources = \
	%D%/kernel-trial.c \
	%D%/kernel-trial.h \
	%D%/mseal-support.c \
	%D%/mseal-support.h
