#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What cannot be read is never taken for "no" or "nothing": the answer is right, or an
# error with the reason, or unknown.

load helpers

owner=65534 other=64998

setup() {
	requires root program:setpriv program:gcc
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	cp "$msealctl" "$bin"
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
}

# As a user other than the target's, with no capability but CAP_SYS_PTRACE
with_ptrace_alone() {
	setpriv --reuid="$other" --regid="$other" --clear-groups --inh-caps=-all,+sys_ptrace \
		--ambient-caps=-all,+sys_ptrace -- "$@"
}

# A program of another user that has loaded libplugin.so
start_with_plugin() {
	echo 'int x;' | gcc -shared -fPIC -o "$bin/libplugin.so" -x c -
	gcc -o "$bin/program" -x c - <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		#include <unistd.h>

		int main(int argc, char **argv)
		{
			if (argc != 2 || !dlopen(argv[1], RTLD_NOW))
				return 1;
			printf("pid %d\nready\n", (int)getpid());
			fflush(stdout);
			return getchar() != EOF;
		}
	END
	start setpriv --reuid="$owner" --regid="$owner" --clear-groups -- "$bin/program" "$bin/libplugin.so"
}

@test "root knows the main program and dlopened objects of another user's process" {
	requires mseal ptrace
	start_with_plugin
	run -0 msealctl show -n -r -o DLOPENED,OBJECT --seal=text "$pid"
	assert_line "yes $bin/libplugin.so"
	assert_line "no $bin/program"
	run -0 msealctl attach -q --exclude=dlopened "$pid"
	run -0 msealctl check -q --exclude=dlopened "$pid"
	run -3 msealctl check -q --seal=dlopened "$pid"
	run -0 msealctl check -q --seal=text:@exe "$pid"
}

@test "with CAP_SYS_PTRACE alone, what depends on the main program is refused with the reason" {
	local list

	requires mseal ptrace
	start_with_plugin
	for list in --exclude=dlopened --seal=text:@exe; do
		run -1 --separate-stderr with_ptrace_alone "$bin/msealctl" attach "$list" "$pid"
		assert_output ''
		assert_regex "$stderr" "^msealctl: $pid: cannot select: it is not known which .*: its auxiliary vector: Permission denied"
		run -1 with_ptrace_alone "$bin/msealctl" attach --dry-run "$list" "$pid"
		run -1 with_ptrace_alone "$bin/msealctl" check "$list" "$pid"
		run -0 with_ptrace_alone "$bin/msealctl" list -n -r -o PID,STATE "$list"
		assert_line "$pid unreadable"
	done
	assert_equal "$(sealed_count "$pid")" 0
	run -0 with_ptrace_alone "$bin/msealctl" show --json -o DLOPENED,OBJECT "$pid"
	assert_output --regexp '"dlopened": null,[[:space:]]*"object": ".*/libplugin.so"'
	refute_output --regexp '"dlopened": (true|false)'
	run -0 with_ptrace_alone "$bin/msealctl" attach -q "$pid"
	run -0 with_ptrace_alone "$bin/msealctl" check -q "$pid"
}
