# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

EXTRA_DIST += %D%/README

tracer_sources = \
	%D%/chain-way.h \
	%D%/chain.h \
	%D%/choose-thread.h \
	%D%/gadgets-remote.h \
	%D%/inject.h \
	%D%/no-tracer.h \
	%D%/processor.c \
	%D%/processor.h \
	%D%/remote-seal.h \
	%D%/rescue-finish.h \
	%D%/rescue-frame.h \
	%D%/seal-running.h \
	%D%/seccomp.h \
	%D%/seize.h \
	%D%/sharers.c \
	%D%/sharers.h \
	%D%/signals.c \
	%D%/signals.h \
	%D%/syscall-restart.h \
	%D%/tracee-internal.h \
	%D%/tracee.h \
	%D%/transfer.h
if TRACER
tracer_sources += \
	%D%/chain-frames.c \
	%D%/chain-loads.c \
	%D%/chain.c \
	%D%/choose-thread.c \
	%D%/gadgets-remote.c \
	%D%/inject.c \
	%D%/reenter.c \
	%D%/reenter.h \
	%D%/remote-seal.c \
	%D%/rescue-finish.c \
	%D%/rescue-frame.c \
	%D%/seal-running.c \
	%D%/seccomp.c \
	%D%/seize.c \
	%D%/stop-wait.c \
	%D%/stop.c \
	%D%/syscall-restart.c \
	%D%/tracee.c \
	%D%/transfer.c
else
tracer_sources += %D%/no-tracer.c
endif

# Without ptrace(2) itself, so unit tests and fuzzers can use them alone.
remote_sources = \
	%D%/bpf.c \
	%D%/bpf.h \
	%D%/gadgets.h
if TRACER
remote_sources += %D%/gadgets.c
endif
