# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

tracer_sources = \
	%D%/backend-ptrace.c \
	%D%/backend-ptrace.h \
	%D%/guard.c \
	%D%/guard.h \
	%D%/hold-signals.c \
	%D%/hold-signals.h \
	%D%/inject.c \
	%D%/inject.h \
	%D%/interrupted.c \
	%D%/interrupted.h \
	%D%/processor.c \
	%D%/processor.h \
	%D%/remote-seal.c \
	%D%/remote-seal.h \
	%D%/seccomp.c \
	%D%/seccomp.h \
	%D%/sharers.c \
	%D%/sharers.h \
	%D%/tracee-stop.c \
	%D%/tracee.c \
	%D%/tracee.h

# Without ptrace(2) itself, so unit tests and fuzzers can use them alone.
remote_sources = \
	%D%/bpf.c \
	%D%/bpf.h \
	%D%/gadgets.c \
	%D%/gadgets.h
