# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

include %D%/core/local.mk
include %D%/base/local.mk
include %D%/process/local.mk
include %D%/tracer/local.mk
include %D%/report/local.mk
include %D%/probe/local.mk
include %D%/exec/local.mk
include %D%/cli/local.mk
include %D%/shim/local.mk
include %D%/shim/follow/local.mk
include %D%/arch/local.mk

# For the command and the unit tests; the shim has its own objects.
noinst_LIBRARIES += %D%/libcore.a
%C%_libcore_a_SOURCES = $(core_sources)

# What is read and made of another process that is of no use to the shim: for the
# command, the unit tests and the fuzzers.
noinst_LIBRARIES += %D%/libremote.a
%C%_libremote_a_SOURCES = $(remote_sources)
# of the architecture that configure has found
%C%_libremote_a_LIBADD = $(arch_objects)
%C%_libremote_a_DEPENDENCIES = $(arch_objects)

bin_PROGRAMS += %D%/msealctl
%C%_msealctl_SOURCES = \
	$(base_sources) \
	$(process_sources) \
	$(tracer_sources) \
	$(report_sources) \
	$(probe_sources) \
	$(exec_sources) \
	$(cli_sources)
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
	-nostartfiles -Wl,-z,initfirst -Wl,-z,nodelete -Wl,--as-needed -Wl,-soname,$(@F) $(shim_cflags)
# The auditor is freestanding, for the reason in shim/follow/README.
audit_cflags = $(shim_cflags) -ffreestanding -fno-stack-protector -U_FORTIFY_SOURCE
audit_link = $(CC) $(shim_common_cflags) $(CFLAGS) $(LDFLAGS) $(shim_ldflags) \
	-nostdlib -Wl,-soname,$(@F) $(audit_cflags)

noinst_LIBRARIES += %D%/libshim.a
%C%_libshim_a_SOURCES = \
	$(shim_sources) \
	$(core_sources)
%C%_libshim_a_CFLAGS = $(shim_common_cflags)
$(%C%_libshim_a_OBJECTS): override CFLAGS += $(shim_cflags)

%C%_libmsealctl_so_SOURCES = %D%/shim/shim.c
%C%_libmsealctl_so_CFLAGS = $(shim_common_cflags)
%C%_libmsealctl_so_LDADD = %D%/libshim.a
%C%_libmsealctl_so_LINK = $(shim_link) -o $@
$(%C%_libmsealctl_so_OBJECTS): override CFLAGS += $(shim_cflags)

%C%_libmsealctl_follow_so_SOURCES = %D%/shim/shim.c $(follow_sources)
%C%_libmsealctl_follow_so_CFLAGS = $(shim_common_cflags)
%C%_libmsealctl_follow_so_LDADD = %D%/libshim.a
%C%_libmsealctl_follow_so_LINK = $(shim_link) -o $@
$(%C%_libmsealctl_follow_so_OBJECTS): override CFLAGS += $(shim_cflags)

%C%_libmsealctl_audit_so_SOURCES = $(audit_sources)
%C%_libmsealctl_audit_so_CFLAGS = $(shim_common_cflags)
%C%_libmsealctl_audit_so_LDADD =
%C%_libmsealctl_audit_so_LINK = $(audit_link) -o $@
$(%C%_libmsealctl_audit_so_OBJECTS): override CFLAGS += $(audit_cflags)
