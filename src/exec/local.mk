# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

exec_sources = \
	%D%/own-elf.h \
	%D%/preflight.c \
	%D%/preflight.h \
	%D%/preload.c \
	%D%/preload.h \
	%D%/program-elf.c \
	%D%/program-elf.h \
	%D%/startup-seal.c \
	%D%/startup-seal.h \
	%D%/startup.c \
	%D%/startup.h \
	%D%/tracer-process.c \
	%D%/tracer-process.h
