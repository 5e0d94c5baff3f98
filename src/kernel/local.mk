# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# Not part of the build: ./bootstrap kernel and make check-kernel use these.
kernel_patches = \
	%D%/patches/6.1/0001-mm-Give-mappings-seals-and-merge-only-where-they-are.patch \
	%D%/patches/6.1/0002-mm-Refuse-to-unmap-move-resize-or-replace-sealed-map.patch \
	%D%/patches/6.1/0003-mm-mprotect-Refuse-to-change-the-protection-of-seale.patch \
	%D%/patches/6.1/0004-mm-madvise-Refuse-to-discard-sealed-memory-that-cann.patch \
	%D%/patches/6.1/0005-fs-proc-Show-the-seals-of-mappings-in-smaps.patch \
	%D%/patches/6.1/0006-mm-Add-the-system-call-mseal.patch \
	%D%/patches/6.1/0007-Documentation-Describe-mseal.patch \
	%D%/patches/6.1/0008-selftests-vm-Test-mseal.patch

EXTRA_DIST += $(kernel_patches) \
	%D%/README \
	%D%/build.sh \
	%D%/debug.config \
	%D%/debian.sh \
	%D%/early.c \
	%D%/ending.bash \
	%D%/feed.c \
	%D%/init.c \
	%D%/linux-6.1.config \
	%D%/relay.h \
	%D%/run.sh \
	%D%/uml.config \
	%D%/x86.config
