# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# raw-call.h is the shim's.
arch_sources = \
	%D%/call-table.c \
	%D%/call-table.h \
	%D%/entry-trap.h \
	%D%/fpu-state.c \
	%D%/fpu-state.h \
	%D%/remote-abi.c \
	%D%/remote-abi.h \
	%D%/remote-regs.h \
	%D%/signal-frame-32.c \
	%D%/signal-frame-64.c \
	%D%/signal-frame.h \
	%D%/signal-stack.c \
	%D%/signal-stack.h \
	%D%/startup-calls.c \
	%D%/startup-calls.h
