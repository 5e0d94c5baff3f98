# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

TEST_EXTENSIONS = .bats
BATS_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --formatter tap
# C tests print TAP too.
LOG_DRIVER = $(BATS_LOG_DRIVER)
AM_TESTS_ENVIRONMENT = \
	TOP_SRCDIR='$(abs_top_srcdir)'; export TOP_SRCDIR; \
	TOP_BUILDDIR='$(abs_top_builddir)'; export TOP_BUILDDIR;

# Unit tests of src/core: one program a file, linked with nothing but core.
unit_tests = \
	%D%/unit/arena \
	%D%/unit/elf-image \
	%D%/unit/glob \
	%D%/unit/maps \
	%D%/unit/maps-read \
	%D%/unit/mseal \
	%D%/unit/number \
	%D%/unit/plan \
	%D%/unit/region \
	%D%/unit/region-kinds \
	%D%/unit/region-loading \
	%D%/unit/seal-of \
	%D%/unit/select
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
%C%_unit_arena_LDADD = src/libcore.a
%C%_unit_elf_image_LDADD = src/libcore.a
%C%_unit_glob_LDADD = src/libcore.a
%C%_unit_maps_LDADD = src/libcore.a
%C%_unit_maps_read_LDADD = src/libcore.a
%C%_unit_mseal_LDADD = src/libcore.a
%C%_unit_number_LDADD = src/libcore.a
%C%_unit_plan_LDADD = src/libcore.a
%C%_unit_region_LDADD = src/libcore.a
%C%_unit_region_kinds_LDADD = src/libcore.a
%C%_unit_region_loading_LDADD = src/libcore.a
%C%_unit_seal_of_LDADD = src/libcore.a
%C%_unit_select_LDADD = src/libcore.a
