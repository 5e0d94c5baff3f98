# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

exec_sources = \
	%D%/file-plan.c \
	%D%/file-plan.h \
	%D%/own-elf.h \
	%D%/preflight.c \
	%D%/preflight.h \
	%D%/program-elf.c \
	%D%/program-elf.h \
	%D%/shim-environment.c \
	%D%/shim-environment.h \
	%D%/shim-file.c \
	%D%/shim-file.h \
	%D%/tracer-process.h \
	%D%/way.c \
	%D%/way.h
if TRACER
exec_sources += \
	%D%/startup-end.c \
	%D%/startup-entry.c \
	%D%/startup-run.c \
	%D%/startup-seal.c \
	%D%/startup-seal.h \
	%D%/startup.c \
	%D%/startup.h \
	%D%/tracer-process.c
else
exec_sources += %D%/no-tracer-process.c
endif
