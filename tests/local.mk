# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

TEST_EXTENSIONS = .bats
BATS_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_COMPILER = $(BATS)
AM_BATS_LOG_FLAGS = --formatter tap
# C tests print TAP too.
LOG_DRIVER = $(BATS_LOG_DRIVER)
# Messages are compared, so they have to be in English.
AM_TESTS_ENVIRONMENT = \
	TOP_SRCDIR='$(abs_top_srcdir)'; export TOP_SRCDIR; \
	TOP_BUILDDIR='$(abs_top_builddir)'; export TOP_BUILDDIR; \
	LC_ALL=C.UTF-8; export LC_ALL;

# Unit tests of src/core: one program a file, linked with nothing but core.
unit_tests = \
	%D%/unit/arena \
	%D%/unit/closure \
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
unit_headers = \
	%D%/unit/elf-maker.h \
	%D%/unit/fixture.h \
	%D%/unit/process.h \
	%D%/unit/tap.h
EXTRA_DIST += $(unit_headers) %D%/fixtures
%C%_unit_arena_LDADD = src/libcore.a
%C%_unit_closure_LDADD = src/libcore.a
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

# Fuzz targets, made with a main() that replays the inputs that were kept.
fuzz_tests = \
	%D%/fuzz/fuzz-elf-image \
	%D%/fuzz/fuzz-maps \
	%D%/fuzz/fuzz-select
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
EXTRA_DIST += %D%/fuzz/corpus
fuzz_replay = %D%/fuzz/replay.c %D%/fuzz/fuzz.h
%C%_fuzz_fuzz_elf_image_SOURCES = %D%/fuzz/fuzz-elf-image.c $(fuzz_replay)
%C%_fuzz_fuzz_elf_image_LDADD = src/libcore.a
%C%_fuzz_fuzz_maps_SOURCES = %D%/fuzz/fuzz-maps.c $(fuzz_replay)
%C%_fuzz_fuzz_maps_LDADD = src/libcore.a
%C%_fuzz_fuzz_select_SOURCES = %D%/fuzz/fuzz-select.c $(fuzz_replay)
%C%_fuzz_fuzz_select_LDADD = src/libcore.a

# The same with libFuzzer, which wants to see the branches of core as well.
if FUZZERS
libfuzzer_cflags = $(WARN_CFLAGS) $(FUZZER_CFLAGS)
noinst_LIBRARIES += %D%/fuzz/libcore.a
%C%_fuzz_libcore_a_SOURCES = $(core_sources)
%C%_fuzz_libcore_a_CFLAGS = $(libfuzzer_cflags)
noinst_PROGRAMS += \
	%D%/fuzz/libfuzzer-elf-image \
	%D%/fuzz/libfuzzer-maps \
	%D%/fuzz/libfuzzer-select
%C%_fuzz_libfuzzer_elf_image_SOURCES = %D%/fuzz/fuzz-elf-image.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_elf_image_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_elf_image_LDFLAGS =
%C%_fuzz_libfuzzer_elf_image_LDADD = %D%/fuzz/libcore.a
%C%_fuzz_libfuzzer_maps_SOURCES = %D%/fuzz/fuzz-maps.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_maps_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_maps_LDFLAGS =
%C%_fuzz_libfuzzer_maps_LDADD = %D%/fuzz/libcore.a
%C%_fuzz_libfuzzer_select_SOURCES = %D%/fuzz/fuzz-select.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_select_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_select_LDFLAGS =
%C%_fuzz_libfuzzer_select_LDADD = %D%/fuzz/libcore.a
endif

# Behaviour, through the command line.
bats_tests = \
	%D%/attach.bats \
	%D%/check.bats \
	%D%/cli.bats \
	%D%/completions.bats \
	%D%/dlopened.bats \
	%D%/docs.bats \
	%D%/exec.bats \
	%D%/exec-doubt.bats \
	%D%/exec-environment.bats \
	%D%/exec-inherit.bats \
	%D%/exec-matrix.bats \
	%D%/exec-ptrace.bats \
	%D%/load.bats \
	%D%/nokernel.bats \
	%D%/probe.bats \
	%D%/programs.bats \
	%D%/select.bats \
	%D%/shim.bats \
	%D%/show.bats \
	%D%/unprivileged.bats
TESTS += $(bats_tests)
EXTRA_DIST += $(bats_tests) %D%/helpers.bash %D%/requires.bash \
	%D%/.shellcheckrc

# Programs that the tests run, trace and seal.  No sanitizer: it would add mappings
# of its own, and refuse to start behind a preloaded object.
helpers = \
	%D%/helpers/inflight \
	%D%/helpers/killat \
	%D%/helpers/manymaps \
	%D%/helpers/nocall \
	%D%/helpers/noseal \
	%D%/helpers/sealrows \
	%D%/helpers/trymut \
	%D%/helpers/victim
check_PROGRAMS += $(helpers)
%C%_helpers_inflight_SOURCES = \
	%D%/helpers/inflight-calls.c \
	%D%/helpers/inflight.c \
	%D%/helpers/inflight.h
%D%/helpers/%: private SANITIZE_CFLAGS =

# Numbers about speed are for people; no test looks at a clock.
EXTRA_DIST += %D%/bench.sh
.PHONY: bench
bench: all $(helpers)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/bench.sh

# The kernels of src/kernel, and msealctl on them.  Not in "make check": it builds them.
EXTRA_DIST += %D%/kernel.sh %D%/kernel-cases.sh
.PHONY: check-kernel
check-kernel: all $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/kernel.sh
