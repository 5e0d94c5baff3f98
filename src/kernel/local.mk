# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# Not part of the build: ./bootstrap kernel and make check-kernel use these.
kernel_patches = \
	%D%/patches/6.1/0000-cover-letter.txt \
	%D%/patches/6.1/0001-mm-Give-mappings-seals-and-merge-only-where-they-are.patch \
	%D%/patches/6.1/0002-mm-Refuse-to-unmap-move-resize-or-replace-sealed-map.patch \
	%D%/patches/6.1/0003-mm-mprotect-Refuse-to-change-the-protection-of-seale.patch \
	%D%/patches/6.1/0004-mm-madvise-Refuse-to-discard-sealed-memory-that-cann.patch \
	%D%/patches/6.1/0005-mm-madvise-Refuse-to-keep-sealed-mappings-from-child.patch \
	%D%/patches/6.1/0006-userfaultfd-Refuse-to-put-contents-into-sealed-mappi.patch \
	%D%/patches/6.1/0007-mm-gup-Refuse-a-process-to-force-writes-into-its-sea.patch \
	%D%/patches/6.1/0008-fs-proc-Show-the-seals-of-mappings-in-smaps.patch \
	%D%/patches/6.1/0009-mm-Add-the-system-call-mseal.patch \
	%D%/patches/6.1/0010-Documentation-Describe-mseal.patch \
	%D%/patches/6.1/0011-selftests-vm-Test-mseal.patch \
	%D%/patches/6.12/0001-mm-Keep-the-types-of-seals-of-a-mapping.patch \
	%D%/patches/6.12/0002-mm-Refuse-to-change-sealed-mappings-before-anything-.patch \
	%D%/patches/6.12/0003-mm-mprotect-Refuse-to-change-the-protection-before-a.patch \
	%D%/patches/6.12/0004-mm-madvise-Refuse-to-discard-sealed-memory-before-an.patch \
	%D%/patches/6.12/0005-mm-madvise-Refuse-to-discard-sealed-memory-of-files-.patch \
	%D%/patches/6.12/0006-mm-madvise-Refuse-to-keep-sealed-mappings-from-child.patch \
	%D%/patches/6.12/0007-userfaultfd-Refuse-to-put-contents-into-sealed-mappi.patch \
	%D%/patches/6.12/0008-mm-gup-Refuse-a-process-to-force-writes-into-its-sea.patch \
	%D%/patches/6.12/0009-fs-proc-Show-the-types-of-seals-of-mappings-in-smaps.patch \
	%D%/patches/6.12/0010-mm-mseal-Add-seals-by-type.patch \
	%D%/patches/6.12/0011-Documentation-Describe-the-types-of-seals-of-mseal.patch \
	%D%/patches/6.12/0012-selftests-mm-Test-the-types-of-seals-of-mseal.patch

EXTRA_DIST += $(kernel_patches) \
	%D%/README \
	%D%/aarch64.config \
	%D%/bench/bench.config \
	%D%/bench/loops.c \
	%D%/bench/run.sh \
	%D%/build.sh \
	%D%/debug.config \
	%D%/debian.sh \
	%D%/early.c \
	%D%/ending.bash \
	%D%/feed.c \
	%D%/init.c \
	%D%/linux-6.1.config \
	%D%/linux-6.12.config \
	%D%/package.config \
	%D%/package.sh \
	%D%/relay.h \
	%D%/run.sh \
	%D%/uml.config \
	%D%/x86.config
