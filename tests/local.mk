# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

TEST_EXTENSIONS = .bats
BATS_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
BATS_LOG_COMPILER = $(top_srcdir)/%D%/in-time.sh
AM_BATS_LOG_FLAGS = $(BATS) --formatter tap
# C tests print TAP too, and may hang as well.
LOG_DRIVER = $(BATS_LOG_DRIVER)
LOG_COMPILER = $(BATS_LOG_COMPILER)
EXTRA_DIST += %D%/in-time.sh
# Messages are compared, so they have to be in English.
AM_TESTS_ENVIRONMENT = \
	TOP_SRCDIR='$(abs_top_srcdir)'; export TOP_SRCDIR; \
	TOP_BUILDDIR='$(abs_top_builddir)'; export TOP_BUILDDIR; \
	LC_ALL=C.UTF-8; export LC_ALL;

# The layer rule of README, on the includes of src/.
TESTS += %D%/layers.sh
EXTRA_DIST += %D%/layers.sh

# Unit tests: one program a file, linked with what the linker needs of these.
LDADD = src/libremote.a src/libcore.a
unit_tests = \
	%D%/unit/arena \
	%D%/unit/bpf \
	%D%/unit/cgroup \
	%D%/unit/current \
	%D%/unit/needed \
	%D%/unit/elf-image \
	%D%/unit/glob \
	%D%/unit/maps \
	%D%/unit/maps-read \
	%D%/unit/mseal \
	%D%/unit/number \
	%D%/unit/plan \
	%D%/unit/plan-verify \
	%D%/unit/printable \
	%D%/unit/region \
	%D%/unit/region-kinds \
	%D%/unit/region-loading \
	%D%/unit/seal-of \
	%D%/unit/select \
	%D%/unit/settings \
	%D%/unit/sharers \
	%D%/unit/verdict \
	%D%/unit/way \
	%D%/unit/worker
if ARCH_X86_64
# with its instructions and registers
unit_tests += \
	%D%/unit/gadgets \
	%D%/unit/remote-abi \
	%D%/unit/signal-frame
endif
if ARCH_AARCH64
unit_tests += %D%/unit/arch/aarch64
endif
if ARCH_RISCV64
unit_tests += %D%/unit/arch/riscv64
endif
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
%C%_unit_way_SOURCES = %D%/unit/way.c src/exec/way.c
%C%_unit_cgroup_SOURCES = %D%/unit/cgroup.c src/process/cgroup.c
%C%_unit_current_SOURCES = %D%/unit/current.c $(base_sources) $(process_sources)
%C%_unit_current_CPPFLAGS = $(AM_CPPFLAGS) $(LIBCAP_CFLAGS)
%C%_unit_verdict_SOURCES = %D%/unit/verdict.c src/cli/verdict.c src/base/text.c
%C%_unit_verdict_CPPFLAGS = $(AM_CPPFLAGS) $(SMARTCOLS_CFLAGS)
%C%_unit_sharers_SOURCES = %D%/unit/sharers.c src/tracer/sharers.c $(base_sources) \
	$(process_sources)
%C%_unit_sharers_CPPFLAGS = $(AM_CPPFLAGS) $(LIBCAP_CFLAGS)
%C%_unit_worker_SOURCES = %D%/unit/worker.c $(base_sources) $(process_sources)
%C%_unit_worker_CPPFLAGS = $(AM_CPPFLAGS) $(LIBCAP_CFLAGS)
unit_headers = \
	%D%/unit/elf-maker.h \
	%D%/unit/fixture.h \
	%D%/unit/own-memory.h \
	%D%/unit/planned.h \
	%D%/unit/fake-process.h \
	%D%/unit/tap.h
EXTRA_DIST += $(unit_headers) %D%/fixtures

# Fuzz targets, made with a main() that replays the inputs that were kept.
fuzz_tests = \
	%D%/fuzz/fuzz-elf-image \
	%D%/fuzz/fuzz-maps \
	%D%/fuzz/fuzz-select
if TRACER
fuzz_tests += %D%/fuzz/fuzz-remote
endif
check_PROGRAMS += $(fuzz_tests)
TESTS += $(fuzz_tests)
EXTRA_DIST += %D%/fuzz/corpus
fuzz_replay = %D%/fuzz/replay.c %D%/fuzz/fuzz.h
%C%_fuzz_fuzz_elf_image_SOURCES = %D%/fuzz/fuzz-elf-image.c $(fuzz_replay)
%C%_fuzz_fuzz_maps_SOURCES = %D%/fuzz/fuzz-maps.c $(fuzz_replay)
%C%_fuzz_fuzz_remote_SOURCES = %D%/fuzz/fuzz-remote.c $(fuzz_replay)
%C%_fuzz_fuzz_select_SOURCES = %D%/fuzz/fuzz-select.c $(fuzz_replay)

# The same with libFuzzer, which wants to see the branches of what is tested as well.
if FUZZERS
libfuzzer_cflags = $(WARN_CFLAGS) $(FUZZER_CFLAGS)
noinst_LIBRARIES += %D%/fuzz/libcore.a %D%/fuzz/libremote.a
%C%_fuzz_libcore_a_SOURCES = $(core_sources)
%C%_fuzz_libcore_a_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libremote_a_SOURCES = $(remote_sources)
%C%_fuzz_libremote_a_LIBADD = $(arch_objects:src/arch/%=%D%/fuzz/arch/%)
%D%/fuzz/arch/%.$(OBJEXT): src/arch/%.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) \
		$(CPPFLAGS) $(libfuzzer_cflags) $(CFLAGS) -c -o $@ $<
%C%_fuzz_libremote_a_DEPENDENCIES = $(%C%_fuzz_libremote_a_LIBADD)
CLEANFILES += $(%C%_fuzz_libremote_a_LIBADD)
%C%_fuzz_libremote_a_CFLAGS = $(libfuzzer_cflags)
noinst_PROGRAMS += \
	%D%/fuzz/libfuzzer-elf-image \
	%D%/fuzz/libfuzzer-maps \
	%D%/fuzz/libfuzzer-remote \
	%D%/fuzz/libfuzzer-select
%C%_fuzz_libfuzzer_elf_image_SOURCES = %D%/fuzz/fuzz-elf-image.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_elf_image_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_elf_image_LDFLAGS =
%C%_fuzz_libfuzzer_elf_image_LDADD = %D%/fuzz/libcore.a
%C%_fuzz_libfuzzer_maps_SOURCES = %D%/fuzz/fuzz-maps.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_maps_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_maps_LDFLAGS =
%C%_fuzz_libfuzzer_maps_LDADD = %D%/fuzz/libcore.a
%C%_fuzz_libfuzzer_remote_SOURCES = %D%/fuzz/fuzz-remote.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_remote_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_remote_LDFLAGS =
%C%_fuzz_libfuzzer_remote_LDADD = %D%/fuzz/libremote.a %D%/fuzz/libcore.a
%C%_fuzz_libfuzzer_select_SOURCES = %D%/fuzz/fuzz-select.c %D%/fuzz/fuzz.h
%C%_fuzz_libfuzzer_select_CFLAGS = $(libfuzzer_cflags)
%C%_fuzz_libfuzzer_select_LDFLAGS =
%C%_fuzz_libfuzzer_select_LDADD = %D%/fuzz/libcore.a
endif

# Behaviour, through the command line.
bats_tests = \
	%D%/attach-32bit.bats \
	%D%/attach-forged.bats \
	%D%/attach-killed.bats \
	%D%/attach-odd.bats \
	%D%/attach-matrix.bats \
	%D%/attach-privilege.bats \
	%D%/attach-restart.bats \
	%D%/attach-seccomp.bats \
	%D%/attach-signals.bats \
	%D%/attach-storm.bats \
	%D%/attach-threads.bats \
	%D%/attach-transfer.bats \
	%D%/attach.bats \
	%D%/bootstrap.bats \
	%D%/check.bats \
	%D%/cli.bats \
	%D%/completions.bats \
	%D%/dlopened.bats \
	%D%/docs.bats \
	%D%/exec.bats \
	%D%/exec-disturbed.bats \
	%D%/exec-doubt.bats \
	%D%/exec-dry-run.bats \
	%D%/exec-entry.bats \
	%D%/exec-environment.bats \
	%D%/exec-follow.bats \
	%D%/exec-follow-odd.bats \
	%D%/exec-inherit.bats \
	%D%/exec-matrix.bats \
	%D%/exec-ptrace.bats \
	%D%/failures.bats \
	%D%/install.bats \
	%D%/hazards.bats \
	%D%/list.bats \
	%D%/load.bats \
	%D%/map.bats \
	%D%/nokernel.bats \
	%D%/probe.bats \
	%D%/programs.bats \
	%D%/reports.bats \
	%D%/select.bats \
	%D%/services.bats \
	%D%/selectors.bats \
	%D%/shim.bats \
	%D%/show.bats \
	%D%/unprivileged.bats \
	%D%/unreadable.bats
TESTS += $(bats_tests)
EXTRA_DIST += %D%/services
EXTRA_DIST += $(bats_tests) %D%/README %D%/helpers.bash %D%/type.py %D%/kill.bash \
	%D%/requires.bash \
	%D%/.shellcheckrc

# Programs that the tests run, trace and seal.  No sanitizer: it would add mappings
# of its own, and refuse to start behind a preloaded object.
helpers = \
	%D%/helpers/coroutine \
	%D%/helpers/flood \
	%D%/helpers/fuse \
	%D%/helpers/inflight \
	%D%/helpers/killat \
	%D%/helpers/manymaps \
	%D%/helpers/nocall \
	%D%/helpers/unserved \
	%D%/helpers/noseal \
	%D%/helpers/odd \
	%D%/helpers/replacer \
	%D%/helpers/sealrows \
	%D%/helpers/transfer \
	%D%/helpers/storm \
	%D%/helpers/trymut \
	%D%/helpers/victim \
	%D%/helpers/watcher
if TRACER
helpers += \
	%D%/helpers/failat \
	%D%/helpers/stepper
endif
# with its instructions
if ARCH_X86_64
helpers += \
	%D%/helpers/forged \
	%D%/helpers/steady \
	%D%/helpers/swap
endif
if ARCH_AARCH64
helpers += \
	%D%/helpers/forged \
	%D%/helpers/steady
endif
if ARCH_RISCV64
helpers += \
	%D%/helpers/forged \
	%D%/helpers/steady
endif
check_PROGRAMS += $(helpers)
# constants of its own mapping, as the linker makes it only on some architectures
%C%_helpers_victim_LDFLAGS = $(AM_LDFLAGS) -Wl,-z,separate-code
%C%_helpers_inflight_SOURCES = \
	%D%/helpers/inflight-io.c \
	%D%/helpers/inflight-ipc.c \
	%D%/helpers/inflight-wait.c \
	%D%/helpers/inflight.c \
	%D%/helpers/inflight.h
forged_sources = \
	%D%/helpers/forged.c \
	%D%/helpers/forged.h
if ARCH_X86_64
forged_sources += %D%/helpers/forged-x86_64.S
endif
if ARCH_AARCH64
forged_sources += %D%/helpers/forged-aarch64.S
endif
if ARCH_RISCV64
forged_sources += %D%/helpers/forged-riscv64.S
endif
%C%_helpers_forged_SOURCES = $(forged_sources)
steady_sources = \
	%D%/helpers/counters.c \
	%D%/helpers/counters.h \
	%D%/helpers/steady.c \
	%D%/helpers/steady.h
if ARCH_X86_64
steady_sources += \
	%D%/helpers/counters-x86_64.c \
	%D%/helpers/steady-spin-x86_64.S \
	%D%/helpers/steady-x86_64.c
endif
if ARCH_AARCH64
steady_sources += \
	%D%/helpers/counters-aarch64.S \
	%D%/helpers/steady-aarch64.c \
	%D%/helpers/steady-spin-aarch64.S
endif
if ARCH_RISCV64
steady_sources += \
	%D%/helpers/counters-riscv64.S \
	%D%/helpers/steady-riscv64.c \
	%D%/helpers/steady-spin-riscv64.S
endif
%C%_helpers_steady_SOURCES = $(steady_sources)
%C%_helpers_storm_SOURCES = \
	%D%/helpers/storm-actors.c \
	%D%/helpers/storm.c \
	%D%/helpers/storm.h

# The same for 32 bits, without what is different there.
if M32
helpers += \
	%D%/helpers/inflight32 \
	%D%/helpers/victim32 \
	%D%/helpers/victim32-static
m32_cflags = $(WARN_CFLAGS) $(M32_CFLAGS)
%C%_helpers_inflight32_SOURCES = \
	%D%/helpers/inflight-wait.c \
	%D%/helpers/inflight.c \
	%D%/helpers/inflight.h
%C%_helpers_inflight32_CFLAGS = $(m32_cflags)
%C%_helpers_inflight32_LDFLAGS =
%C%_helpers_inflight32_LDADD =
%C%_helpers_victim32_SOURCES = %D%/helpers/victim.c
%C%_helpers_victim32_CFLAGS = $(m32_cflags)
%C%_helpers_victim32_LDFLAGS =
%C%_helpers_victim32_LDADD =
%C%_helpers_victim32_static_SOURCES = %D%/helpers/victim.c
%C%_helpers_victim32_static_CFLAGS = $(m32_cflags)
%C%_helpers_victim32_static_LDFLAGS = -static
%C%_helpers_victim32_static_LDADD =
endif
%D%/helpers/%: private SANITIZE_CFLAGS =
# two of them link what reads registers, which cannot be sanitized then either
$(filter %/remote-regs.$(OBJEXT),$(arch_objects)): private SANITIZE_CFLAGS =

# The loader of glibc 2.41 and later works in another order: its tests, with that one.
EXTRA_DIST += %D%/glibc/fetch.sh
.PHONY: check-glibc
check-glibc: all $(helpers)
	glibc=`$(srcdir)/%D%/glibc/fetch.sh` && MSEALCTL_TEST_GLIBC=$$glibc && \
		export MSEALCTL_TEST_GLIBC && \
		$(MAKE) $(AM_MAKEFLAGS) check TESTS='%D%/exec-follow.bats %D%/exec-follow-odd.bats'

# The commands that look at processes, with processes of another user.
EXTRA_DIST += %D%/users/run.sh
.PHONY: check-users
check-users: all $(helpers)
	$(AM_TESTS_ENVIRONMENT) MAKE='$(MAKE)' $(srcdir)/%D%/users/run.sh %D%/attach.bats \
		%D%/check.bats %D%/dlopened.bats %D%/list.bats %D%/select.bats %D%/show.bats

# Real programs, those of NAMES or all that are installed.
EXTRA_DIST += %D%/programs
.PHONY: check-programs
check-programs: all
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/programs/run.sh $(NAMES)

# Numbers about speed are for people; no test looks at a clock.
bench_programs = %D%/bench/alternate %D%/bench/bare %D%/bench/crowd
check_PROGRAMS += $(bench_programs)
%D%/bench/%: private SANITIZE_CFLAGS =
EXTRA_DIST += %D%/bench/run.sh %D%/bench/measure.bash
.PHONY: bench
bench: all $(helpers) $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) CC='$(CC)' $(srcdir)/%D%/bench/run.sh

# The long versions of those tests that kill, storm and race.
EXTRA_DIST += %D%/soak/run.sh %D%/attach-field.bats
.PHONY: soak
soak: all $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/soak/run.sh

# The kernels of src/kernel, and msealctl on them.  Not in "make check": it builds them.
check_PROGRAMS += %D%/kernel/random
%C%_kernel_random_SOURCES = \
	%D%/kernel/advice.c \
	%D%/kernel/calls.c \
	%D%/kernel/calls.h \
	%D%/kernel/model.c \
	%D%/kernel/model.h \
	%D%/kernel/random.c
%D%/kernel/%: private SANITIZE_CFLAGS =
EXTRA_DIST += %D%/kernel/boot.bats %D%/kernel/package.bats \
	%D%/kernel/run.sh %D%/kernel/cases.sh %D%/kernel/inside.sh %D%/kernel/install.sh
.PHONY: check-kernel check-kernel-package
check-kernel: all $(check_PROGRAMS)
	$(AM_TESTS_ENVIRONMENT) exec env BATS='$(BATS)' $(srcdir)/%D%/kernel/run.sh $(LINUX)

# That PACKAGE, linux-image-*.deb, can be installed and started.
check-kernel-package: all
	$(AM_TESTS_ENVIRONMENT) exec $(srcdir)/%D%/kernel/install.sh $(PACKAGE)

# Other architectures, ARCH or all, with Debian's cross compilers and qemu-user.
EXTRA_DIST += \
	%D%/cross/configure.sh \
	%D%/cross/cross.bats \
	%D%/cross/formats.sh \
	%D%/cross/run.sh \
	%D%/cross/sysroot.sh
.PHONY: check-cross
check-cross:
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/cross/run.sh $(ARCH)

# msealctl for ARCH=aarch64 or riscv64, in machines of it: with PAGES=64k, NAMES=core.
EXTRA_DIST += %D%/machines.bash %D%/vm/check.sh %D%/vm/machine.sh %D%/vm/run.sh
.PHONY: check-vm
check-vm:
	$(AM_TESTS_ENVIRONMENT) \
		exec $(srcdir)/%D%/vm/check.sh "$(ARCH)" '$(or $(PAGES),4k)' $(NAMES)
