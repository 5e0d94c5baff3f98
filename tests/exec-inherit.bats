#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec --inherit: the children of every kind.

load helpers

setup() { requires mseal shim; }

inheriting() { "$msealctl" exec --inherit -- "$@"; }

# A child of an inheriting shell that lives: its pid in $pid
start_child() { start "$msealctl" exec --inherit -- sh -c '"$@"; exit $?' _ "$@"; }

@test "exec --inherit seals children of children, wrappers, subshells" {
	run -0 inheriting sh -c 'sh -c "\"\$1\"; exit \$?" _ "$1"; exit $?' _ "$helpers/trymut"
	run -0 inheriting env nice nohup timeout "$patience" "$helpers/trymut"
	run -0 inheriting bash -c '("$1"); exit $?' _ "$helpers/trymut"
	run -0 inheriting xargs -n 1 "$helpers/trymut" <<<probe
}

@test "exec --inherit seals dynamic children of musl" {
	requires program:musl-gcc
	musl-gcc -o "$BATS_TEST_TMPDIR/musl" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	start_child "$BATS_TEST_TMPDIR/musl"
	run -0 "$helpers/sealrows" "$pid"
	assert_finishes_with 7
}

@test "exec --inherit lets static children run, as they would" {
	run -0 --separate-stderr inheriting sh -c 'exec "$(type ldconfig | sed "s/.* //")" --version'
	refute_stderr
}

@test "with --inherit the program is held to the lists, and its children are not" {
	run -0 --separate-stderr msealctl exec --inherit --seal="rodata,text:$(basename "$(realpath "$(type -P sh)")")" \
		-- sh -c 'env true; "$1"; exit $?' _ "$helpers/victim" </dev/null
	refute_stderr
	run -125 --separate-stderr msealctl exec --inherit --seal=rodata,text:victim -- sh -c 'true; exit $?'
	[[ $stderr == *"cannot seal: --seal: 'text:victim' matches nothing" ]]
}

@test "32-bit children run unsealed, after a warning of their loader" {
	requires m32
	start_child "$helpers/victim32"
	assert_equal "$(sealed_count "$pid")" 0
	assert_finishes_with 0
	run -0 grep -c 'libmsealctl.so.*wrong ELF class' "$target_errors"
	assert_output 1
}

@test "children of a 32-bit program, which is traced itself" {
	requires m32 ptrace program:gcc
	gcc -m32 -o "$BATS_TEST_TMPDIR/runner" -x c - <<-'END' || lacks m32 "gcc cannot make 32-bit programs"
		#include <unistd.h>

		int main(int argc, char **argv)
		{
			execv(argv[1], argv + 1);
			return argc;
		}
	END
	run -0 inheriting "$BATS_TEST_TMPDIR/runner" "$helpers/trymut"
	run -3 msealctl exec -- "$BATS_TEST_TMPDIR/runner" "$helpers/trymut"
}

@test "exec --inherit lets children that gain privileges run, with them" {
	requires root program:setpriv
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	cp "$msealctl" "$shim" "$BATS_TEST_TMPDIR"
	cp "$(type -P id)" "$BATS_TEST_TMPDIR/id"
	chmod 4755 "$BATS_TEST_TMPDIR/id"
	run -0 --separate-stderr setpriv --reuid=65531 --regid=65531 --clear-groups -- \
		"$BATS_TEST_TMPDIR/msealctl" exec --inherit -- sh -c '"$1" -u; exit $?' _ "$BATS_TEST_TMPDIR/id"
	assert_output 0
	refute_stderr
}

@test "exec without --inherit leaves children no trace" {
	run -0 --separate-stderr msealctl exec -- sh -c 'env; ls -l /proc/self/fd'
	refute_output --partial msealctl.so
	refute_output --partial MSEALCTL_SHIM
	refute_stderr
}

@test "exec --inherit: msealctl exec in a chain goes on with it" {
	child='"$0"; exit $?'
	for outer in '' --follow-dlopen; do
		for inner in '' --inherit --follow-dlopen; do
			# shellcheck disable=SC2086 # none, or one word
			run -0 msealctl exec --inherit $outer "$msealctl" exec $inner -- bash -c "$child" "$helpers/trymut"
			# shellcheck disable=SC2086
			run -0 msealctl exec --inherit $outer "$msealctl" exec $inner -- \
				bash -c 'tr : "\n" <<<"$LD_PRELOAD" | grep -c libmsealctl'
			assert_output 1
		done
	done
	run -3 msealctl exec -- "$msealctl" exec -- bash -c "$child" "$helpers/trymut"
}

@test "exec --inherit without a shim does not silently leave out the children" {
	cp "$msealctl" "$BATS_TEST_TMPDIR"
	run -125 --separate-stderr "$BATS_TEST_TMPDIR/msealctl" exec --inherit -- true
	[[ $stderr == "msealctl: "*"/true: cannot seal what it executes: the shim "*" cannot be preloaded: No such file or directory" ]]
	run -0 --separate-stderr "$BATS_TEST_TMPDIR/msealctl" exec --best-effort --inherit -- true
	[[ $stderr == "msealctl: warning: "*"/true: what it executes stays unsealed: "* ]]
}
