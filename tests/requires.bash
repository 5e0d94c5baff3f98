# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# requires WORD...: skip a test, saying why, where a feature is missing.  Features are
# tried, versions never looked at.  One that MSEALCTL_TEST_REQUIRE names must be there.

lacks() {
	local word=$1 reason=$2

	case " ${MSEALCTL_TEST_REQUIRE:-} " in
	*" $word "*)
		echo "$word must be there, but: $reason" >&2
		return 1
		;;
	esac
	skip "$reason"
}

# A sanitizer maps, preloads and reads what some tests take away.
is_plain_build() { ! grep -qa __asan_init "$msealctl"; }

requires() {
	local word

	for word in "$@"; do
		case $word in
		mseal)
			"$helpers/trymut" probe || lacks mseal "no mseal(2) here"
			;;
		mainline)
			[[ $("$msealctl" probe -n -r -o DETAIL 2>&1) == *mainline* ]] ||
				lacks mainline "not a mainline mseal"
			;;
		types)
			"$msealctl" probe -n -r -o ITEM,VALUE | grep -qx 'seal-types yes' ||
				lacks types "seals have no types here"
			;;
		ptrace)
			"$msealctl" probe -n -r -o ITEM,VALUE | grep -qx 'ptrace yes' ||
				lacks ptrace "nothing can be traced here"
			;;
		shim)
			[[ -e $shim ]] || lacks shim "the shim was not built"
			;;
		m32)
			[[ -e $helpers/victim32 ]] ||
				lacks m32 "no 32-bit programs were made: the compiler cannot"
			"$helpers/victim32" </dev/null >/dev/null 2>&1 ||
				lacks m32 "32-bit programs do not run here"
			;;
		plain-build)
			is_plain_build || skip "msealctl was built with a sanitizer"
			;;
		fuse)
			# opening it loads the module; a kernel without it may have the file as well
			{ true <>/dev/fuse && grep -qw fuse /proc/filesystems; } 2>/dev/null ||
				lacks fuse "no FUSE file systems here"
			;;
		root)
			((EUID == 0)) || lacks root "needs root"
			;;
		private-proc)
			# auxv, pagemap, syscall ... of /proc/PID are for its user alone
			[[ ! ${MSEALCTL_TEST_PTRACE_ONLY-} ]] ||
				skip "CAP_SYS_PTRACE alone does not open private files of /proc"
			;;
		own-targets)
			[[ ! ${MSEALCTL_TEST_TARGET_USER-} ]] || skip "its target has to be root"
			;;
		terminal)
			script -qec true /dev/null </dev/null >/dev/null 2>&1 ||
				lacks terminal "script(1) can make no terminal here"
			;;
		program:*)
			type -P "${word#program:}" >/dev/null ||
				lacks "$word" "${word#program:} is not installed"
			;;
		*)
			echo "requires: unknown word '$word'" >&2
			return 1
			;;
		esac
	done
}

# requires_python MODULE...: $python is the interpreter itself, not a script for one
requires_python() {
	requires program:python3
	python=$("${as_target[@]}" python3 -c 'import importlib, sys
for name in sys.argv[1:]: importlib.import_module(name)
print(sys.executable)' "$@" 2>/dev/null) || skip "python3 has not all of its modules"
}
