# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# Everything that the command and the shim share.
core_sources = \
	%D%/core/arena.c \
	%D%/core/arena.h \
	%D%/core/closure.c \
	%D%/core/closure.h \
	%D%/core/dynamic.c \
	%D%/core/dynamic.h \
	%D%/core/elf-image.c \
	%D%/core/elf-image.h \
	%D%/core/glob.c \
	%D%/core/glob.h \
	%D%/core/maps.c \
	%D%/core/maps.h \
	%D%/core/mapped.c \
	%D%/core/mapped.h \
	%D%/core/memory.c \
	%D%/core/memory.h \
	%D%/core/mseal.c \
	%D%/core/mseal.h \
	%D%/core/number.c \
	%D%/core/number.h \
	%D%/core/page.h \
	%D%/core/plan.c \
	%D%/core/plan.h \
	%D%/core/region.c \
	%D%/core/region.h \
	%D%/core/select.c \
	%D%/core/select.h \
	%D%/core/settings.h

# For the command and the unit tests; the shim has its own objects.
noinst_LIBRARIES += %D%/libcore.a
%C%_libcore_a_SOURCES = $(core_sources)

# What is read and made of another process that is of no use to the shim: for the
# command, the unit tests and the fuzzers.
remote_sources = \
	%D%/bpf.c \
	%D%/bpf.h \
	%D%/gadgets.c \
	%D%/gadgets.h
if ARCH_X86_64
remote_sources += \
	%D%/arch/x86_64/entry-trap.h \
	%D%/arch/x86_64/fpu-state.c \
	%D%/arch/x86_64/fpu-state.h \
	%D%/arch/x86_64/remote-abi.c \
	%D%/arch/x86_64/remote-abi.h \
	%D%/arch/x86_64/remote-regs.h \
	%D%/arch/x86_64/signal-frame-32.c \
	%D%/arch/x86_64/signal-frame-64.c \
	%D%/arch/x86_64/signal-frame.h \
	%D%/arch/x86_64/signal-stack.c \
	%D%/arch/x86_64/signal-stack.h \
	%D%/arch/x86_64/startup-calls.c \
	%D%/arch/x86_64/startup-calls.h
endif
noinst_LIBRARIES += %D%/libremote.a
%C%_libremote_a_SOURCES = $(remote_sources)

bin_PROGRAMS += %D%/msealctl
%C%_msealctl_SOURCES = \
	%D%/auxv.c \
	%D%/auxv.h \
	%D%/backend-ptrace.c \
	%D%/backend-ptrace.h \
	%D%/choice.c \
	%D%/choice.h \
	%D%/cleanup.h \
	%D%/cmd-attach.c \
	%D%/cmd-check.c \
	%D%/cmd-exec.c \
	%D%/cmd-list.c \
	%D%/cmd-probe.c \
	%D%/cmd-show.c \
	%D%/columns.c \
	%D%/columns.h \
	%D%/command.h \
	%D%/diagnose.c \
	%D%/diagnose.h \
	%D%/escort.c \
	%D%/escort.h \
	%D%/exit-status.h \
	%D%/guard.c \
	%D%/guard.h \
	%D%/hold-signals.c \
	%D%/hold-signals.h \
	%D%/inject.c \
	%D%/inject.h \
	%D%/interrupted.c \
	%D%/interrupted.h \
	%D%/library.c \
	%D%/library.h \
	%D%/log.c \
	%D%/log.h \
	%D%/main.c \
	%D%/options.c \
	%D%/options.h \
	%D%/own-elf.h \
	%D%/preflight.c \
	%D%/preflight.h \
	%D%/preflight-elf.c \
	%D%/preflight-elf.h \
	%D%/preload.c \
	%D%/preload.h \
	%D%/privileges.c \
	%D%/privileges.h \
	%D%/process.c \
	%D%/process.h \
	%D%/processor.c \
	%D%/processor.h \
	%D%/remote-memory.c \
	%D%/remote-memory.h \
	%D%/remote-seal.c \
	%D%/remote-seal.h \
	%D%/report.c \
	%D%/report.h \
	%D%/seccomp.c \
	%D%/seccomp.h \
	%D%/sharers.c \
	%D%/sharers.h \
	%D%/smartcols.c \
	%D%/smartcols.h \
	%D%/startup-seal.c \
	%D%/startup-seal.h \
	%D%/startup.c \
	%D%/startup.h \
	%D%/support.c \
	%D%/support.h \
	%D%/survey.c \
	%D%/survey.h \
	%D%/table.c \
	%D%/table.h \
	%D%/target.c \
	%D%/target.h \
	%D%/text.c \
	%D%/text.h \
	%D%/tracee-stop.c \
	%D%/tracee.c \
	%D%/tracee.h \
	%D%/tracing-trial.c \
	%D%/tracing-trial.h \
	%D%/trial.c \
	%D%/trial.h
%C%_msealctl_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR=\"$(pkglibdir)\" \
	$(POPT_CFLAGS) $(LIBCAP_CFLAGS) $(SMARTCOLS_CFLAGS)
# libcap and libsmartcols are loaded when they are needed, see library.h
%C%_msealctl_LDADD = %D%/libremote.a %D%/libcore.a $(POPT_LIBS)

# What goes into other people's programs: programs to automake, shared objects to the linker.
# The shim, the shim that follows dlopen(3) as well, and the auditor that helps it.
preloaddir = $(pkglibdir)
preload_PROGRAMS = \
	%D%/libmsealctl.so \
	%D%/libmsealctl-follow.so \
	%D%/libmsealctl-audit.so
# The command looks for them by these names, whatever --program-prefix says.
install-preloadPROGRAMS uninstall-preloadPROGRAMS: transform = s,x,x,

# What it must have comes last on every line, where neither a program's -fPIE and -pie
# nor a sanitizer, whose runtime would have to be loaded before it, can undo it.
# no jump tables: clang makes them of pointers, each to be relocated at every start
shim_cflags = -fPIC -fvisibility=hidden -fno-sanitize=all -fno-jump-tables
shim_common_cflags = $(WARN_CFLAGS) $(HARDEN_CFLAGS)
shim_ldflags = -shared -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,text -Wl,-z,noexecstack
# initfirst: before the constructors of every library.  It needs libc alone, and not what
# goes around a program either: that is all that would be left writable of it.
shim_link = $(CC) $(shim_common_cflags) $(CFLAGS) $(LDFLAGS) $(shim_ldflags) \
	-nostartfiles -Wl,-z,initfirst -Wl,--as-needed -Wl,-soname,$(@F) $(shim_cflags)
# The auditor is freestanding, for the reason in shim/courier.h.
courier_cflags = $(shim_cflags) -ffreestanding -fno-stack-protector -U_FORTIFY_SOURCE
courier_link = $(CC) $(WARN_CFLAGS) $(CFLAGS) $(LDFLAGS) $(shim_ldflags) \
	-nostdlib -Wl,-soname,$(@F) $(courier_cflags)

noinst_LIBRARIES += %D%/libshim.a
%C%_libshim_a_SOURCES = \
	%D%/shim/environment.c \
	%D%/shim/environment.h \
	%D%/shim/loaded.c \
	%D%/shim/loaded.h \
	%D%/shim/message.c \
	%D%/shim/message.h \
	%D%/shim/own-libc.c \
	%D%/arch/x86_64/raw-call.h \
	%D%/shim/self.c \
	%D%/shim/self.h \
	$(core_sources)
%C%_libshim_a_CFLAGS = $(shim_common_cflags)
$(%C%_libshim_a_OBJECTS): override CFLAGS += $(shim_cflags)

%C%_libmsealctl_so_SOURCES = %D%/shim/shim.c %D%/shim/follow.h
%C%_libmsealctl_so_CFLAGS = $(shim_common_cflags)
%C%_libmsealctl_so_LDADD = %D%/libshim.a
%C%_libmsealctl_so_LINK = $(shim_link) -o $@
$(%C%_libmsealctl_so_OBJECTS): override CFLAGS += $(shim_cflags)

%C%_libmsealctl_follow_so_SOURCES = \
	$(%C%_libmsealctl_so_SOURCES) \
	%D%/shim/courier.h \
	%D%/shim/dlerror.c \
	%D%/shim/dlerror.h \
	%D%/shim/follow.c \
	%D%/shim/initializer.c \
	%D%/shim/initializer.h \
	%D%/shim/late-stderr.c \
	%D%/shim/late-stderr.h \
	%D%/shim/relro.c \
	%D%/shim/relro.h \
	%D%/shim/seccomp-filters.c \
	%D%/shim/seccomp-filters.h
%C%_libmsealctl_follow_so_CFLAGS = $(shim_common_cflags)
%C%_libmsealctl_follow_so_LDADD = %D%/libshim.a
%C%_libmsealctl_follow_so_LINK = $(shim_link) -o $@
$(%C%_libmsealctl_follow_so_OBJECTS): override CFLAGS += $(shim_cflags)

%C%_libmsealctl_audit_so_SOURCES = %D%/shim/courier.c %D%/shim/courier.h %D%/shim/relro.h
%C%_libmsealctl_audit_so_CFLAGS = $(WARN_CFLAGS)
%C%_libmsealctl_audit_so_LDADD =
%C%_libmsealctl_audit_so_LINK = $(courier_link) -o $@
$(%C%_libmsealctl_audit_so_OBJECTS): override CFLAGS += $(courier_cflags)

# The same for 32-bit programs, and links to the ones or the others for each folder that
# ld.so may take "$LIB" for: one path in LD_PRELOAD is then good for both.
if SHIM32
preload_PROGRAMS += \
	%D%/libmsealctl32.so \
	%D%/libmsealctl32-follow.so \
	%D%/libmsealctl32-audit.so

noinst_LIBRARIES += %D%/libshim32.a
%C%_libshim32_a_SOURCES = $(%C%_libshim_a_SOURCES)
%C%_libshim32_a_CFLAGS = $(%C%_libshim_a_CFLAGS)
$(%C%_libshim32_a_OBJECTS): override CFLAGS += $(shim_cflags) $(shim32_flag)

%C%_libmsealctl32_so_SOURCES = $(%C%_libmsealctl_so_SOURCES)
%C%_libmsealctl32_so_CFLAGS = $(%C%_libmsealctl_so_CFLAGS)
%C%_libmsealctl32_so_LDADD = %D%/libshim32.a
%C%_libmsealctl32_so_LINK = $(shim_link) $(shim32_flag) -o $@
$(%C%_libmsealctl32_so_OBJECTS): override CFLAGS += $(shim_cflags) $(shim32_flag)

%C%_libmsealctl32_follow_so_SOURCES = $(%C%_libmsealctl_follow_so_SOURCES)
%C%_libmsealctl32_follow_so_CFLAGS = $(%C%_libmsealctl_follow_so_CFLAGS)
%C%_libmsealctl32_follow_so_LDADD = %D%/libshim32.a
%C%_libmsealctl32_follow_so_LINK = $(shim_link) $(shim32_flag) -o $@
$(%C%_libmsealctl32_follow_so_OBJECTS): override CFLAGS += $(shim_cflags) $(shim32_flag)

%C%_libmsealctl32_audit_so_SOURCES = $(%C%_libmsealctl_audit_so_SOURCES)
%C%_libmsealctl32_audit_so_CFLAGS = $(%C%_libmsealctl_audit_so_CFLAGS)
%C%_libmsealctl32_audit_so_LDADD =
%C%_libmsealctl32_audit_so_LINK = $(courier_link) $(shim32_flag) -o $@
$(%C%_libmsealctl32_audit_so_OBJECTS): override CFLAGS += $(courier_cflags) $(shim32_flag)

shim_links = $(SHELL) $(srcdir)/%D%/shim/links.sh '$(shim_folders)' '$(shim32_folders)'
noinst_DATA = %D%/multilib.stamp
CLEANFILES += %D%/multilib.stamp
%D%/multilib.stamp: %D%/shim/links.sh Makefile
	$(AM_V_GEN)$(shim_links) make %D%/multilib && : >$@
clean-local:
	$(shim_links) remove %D%/multilib
install-data-hook:
	$(shim_links) make '$(DESTDIR)$(pkglibdir)/multilib'
uninstall-hook:
	$(shim_links) remove '$(DESTDIR)$(pkglibdir)/multilib'
endif
EXTRA_DIST += %D%/shim/links.sh
