# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

EXTRA_DIST += %D%/README

tracer_sources = \
	%D%/chain.c \
	%D%/chain.h \
	%D%/gadgets-remote.c \
	%D%/gadgets-remote.h \
	%D%/inject.c \
	%D%/inject.h \
	%D%/processor.c \
	%D%/processor.h \
	%D%/remote-seal.c \
	%D%/remote-seal.h \
	%D%/rescue-frame.c \
	%D%/rescue-frame.h \
	%D%/seal-running.c \
	%D%/seal-running.h \
	%D%/seccomp.c \
	%D%/seccomp.h \
	%D%/seize.c \
	%D%/seize.h \
	%D%/sharers.c \
	%D%/sharers.h \
	%D%/signals.c \
	%D%/signals.h \
	%D%/stop-wait.c \
	%D%/stop.c \
	%D%/syscall-restart.c \
	%D%/syscall-restart.h \
	%D%/tracee-internal.h \
	%D%/tracee.c \
	%D%/tracee.h \
	%D%/transfer.c \
	%D%/transfer.h

# Without ptrace(2) itself, so unit tests and fuzzers can use them alone.
remote_sources = \
	%D%/bpf.c \
	%D%/bpf.h \
	%D%/gadgets.c \
	%D%/gadgets.h
