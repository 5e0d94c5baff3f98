# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

cli_sources = \
	%D%/cmd-attach.c \
	%D%/cmd-check.c \
	%D%/cmd-exec.c \
	%D%/cmd-list.c \
	%D%/cmd-probe.c \
	%D%/cmd-show.c \
	%D%/command.h \
	%D%/exec-dry-run.c \
	%D%/exec-launch.h \
	%D%/job-survey.c \
	%D%/job-survey.h \
	%D%/main.c \
	%D%/option-table.c \
	%D%/option-table.h \
	%D%/options.c \
	%D%/options.h \
	%D%/per-process.c \
	%D%/per-process.h \
	%D%/require-mseal.c \
	%D%/require-mseal.h \
	%D%/selection-messages.c \
	%D%/selection-messages.h \
	%D%/verdict.c \
	%D%/verdict.h
