#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec where programs of 64 and of 32 bits start each other: one entry in LD_PRELOAD is
# good for both, or there is the plain one.

load helpers

setup() {
	requires mseal shim
	cd "$BATS_TEST_TMPDIR" || return
}

# compile32: the program on standard input to ./$1
compile32() {
	requires m32 shim32 program:gcc
	gcc -m32 -o "$1" -x c - || lacks m32 "gcc cannot make 32-bit programs"
}

# A 32-bit program that runs its arguments, and ends as they do; without -k it is replaced.
compile_runner() {
	compile32 runner <<-'END'
		#include <string.h>
		#include <sys/wait.h>
		#include <unistd.h>

		int main(int argc, char **argv)
		{
			int keep = argc > 1 && strcmp(argv[1], "-k") == 0, status;
			pid_t pid = keep ? fork() : 0;

			if (pid == 0) {
				execvp(argv[keep + 1], argv + keep + 1);
				return 126;
			}
			waitpid(pid, &status, 0);
			return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
		}
	END
}

compile_start32() { compile32 start32 <"$BATS_TEST_DIRNAME/fixtures/programs/start.c"; }

# The children of a shell that was started by $msealctl, wherever that is.
assert_children_sealed() {
	start "$msealctl" exec --inherit -- sh -c '"$@"; exit $?' _ "$helpers/victim32"
	for place in text rodata; do
		assert_place_sealed "$place"
	done
	assert_place_open data
	assert_finishes_with 0
	assert_equal "$(<"$target_errors")" ''
	run -0 --separate-stderr "$msealctl" exec --inherit -- sh -c './runner -k "$1"; exit $?' _ "$helpers/trymut"
	refute_stderr
}

@test "32-bit children, and what they start" {
	compile_runner
	assert_children_sealed
	for chain in './runner' './runner -k' './runner sh -c "\$0"' 'sh -c "./runner -k \$0; exit \$?"' \
		'./runner -k ./runner sh -c "exec ./runner \$0"'; do
		run -0 --separate-stderr "$msealctl" exec --inherit -- sh -c "$chain \$0; exit \$?" "$helpers/trymut"
		refute_stderr
	done
}

@test "a 32-bit program to begin with, by every way" {
	requires ptrace
	compile_runner
	for way in auto preload ptrace; do
		run -0 --separate-stderr msealctl exec --inherit --via="$way" -- ./runner -k "$helpers/trymut"
		refute_stderr
		run -3 --separate-stderr msealctl exec --via="$way" -- ./runner -k "$helpers/trymut"
		refute_stderr
	done
}

@test "without --inherit a 32-bit child sees no trace" {
	compile_start32
	run -7 --separate-stderr msealctl exec -- sh -c './start32; exit $?' </dev/null
	assert_line ready
	refute_output --partial msealctl.so
	refute_output --partial MSEALCTL_SHIM
	refute_stderr
	start "$msealctl" exec -- sh -c './start32; exit $?'
	assert_equal "$(sealed_count "$pid")" 0
}

@test "other preloaded objects, of both classes, in any order" {
	compile_runner
	# where each loader takes $LIB for something else, as ours are
	while read -r -d '' link; do
		width=-m64
		[[ $(realpath "$link") != "$(realpath "$shim32")" ]] || width=-m32
		folder=$PWD/other${link#"$TOP_BUILDDIR/src/multilib"}
		mkdir -p "${folder%/*}"
		echo 'int other;' | gcc "$width" -shared -fPIC -o "${folder%/*}/other.so" -x c -
	done < <(find "$TOP_BUILDDIR/src/multilib" -name libmsealctl.so -print0)
	other=$PWD/other/'$LIB'/other.so
	for way in preload ptrace; do
		run -0 --separate-stderr env LD_PRELOAD="$other" "$msealctl" exec --via="$way" --inherit -- \
			./runner -k "$helpers/trymut"
		refute_stderr
		run -0 --separate-stderr env LD_PRELOAD="$other" "$msealctl" exec --via="$way" -- \
			./runner -k sh -c 'echo "$LD_PRELOAD"'
		assert_output "$other"
		refute_stderr
	done
	for order in '$0:$LD_PRELOAD' '$LD_PRELOAD:$0' '$0 $LD_PRELOAD:$0'; do
		run -0 --separate-stderr msealctl exec --inherit -- \
			sh -c "LD_PRELOAD=\"$order\" ./runner -k \"\$1\"; exit \$?" "$other" "$helpers/trymut"
		refute_stderr
	done
}

@test "dynamic children of musl, whose loader expands nothing" {
	requires shim32 program:musl-gcc
	musl-gcc -o musl "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	start "$msealctl" exec --inherit -- sh -c './musl; exit $?'
	run -0 "$helpers/sealrows" "$pid"
	run -0 grep -qF 'LD_PRELOAD='"${shim%/*}"'/multilib/$LIB/' <(tr '\0' '\n' <"/proc/$pid/environ")
	assert_finishes_with 7
}

@test "an installed copy, and nothing is left of it" {
	requires program:make
	compile_runner
	as_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$TOP_BUILDDIR" DESTDIR="$PWD/to" "$@" 3>&-; }
	as_make install
	folder=$(find to -name libmsealctl32.so)
	assert [ -e "${folder%/*}/multilib/\$LIB/libmsealctl.so" ]
	# it looks beside itself, as its own prefix is not where it is now
	mkdir there
	cp -R "${folder%/*}/." there
	cp "$(find to -name msealctl -type f -path '*/bin/*')" there
	msealctl=$PWD/there/msealctl assert_children_sealed
	as_make uninstall
	assert_equal "$(find to ! -type d)" ''
	assert_equal "$(find to -name multilib)" ''
}

# copied: msealctl and both shims to ./copy
copied() {
	requires shim32
	mkdir copy
	cp "$msealctl" "$shim" "$shim32" copy
	cp -R "${shim%/*}/multilib" copy
}

# What an inheriting shell has in LD_PRELOAD, and its children are sealed.
assert_entry() {
	run -0 --separate-stderr copy/msealctl exec --inherit -- sh -c 'echo "$LD_PRELOAD"'
	assert_output "$PWD/copy/$1"
	refute_stderr
	run -0 copy/msealctl exec --inherit -- sh -c '"$1"; exit $?' _ "$helpers/trymut"
}

@test "where the entry for both would not lead to our shim, the plain one is taken" {
	copied
	assert_entry 'multilib/$LIB/libmsealctl.so'
	while read -r -d '' link; do
		[[ $(realpath "$link") == */libmsealctl32.so ]] || links+=("$link")
	done < <(find copy/multilib -name libmsealctl.so -print0)
	# another file, even if it is a shim; one of the wrong class; none
	for link in "${links[@]}"; do ln -sf "$shim" "$link"; done
	assert_entry libmsealctl.so
	for link in "${links[@]}"; do ln -sf "$shim32" "$link"; done
	assert_entry libmsealctl.so
	rm -r copy/multilib
	assert_entry libmsealctl.so
	cp -R "${shim%/*}/multilib" copy
	rm copy/libmsealctl32.so
	assert_entry libmsealctl.so
}

@test "a 32-bit program that cannot have the shim is traced, or refused" {
	requires ptrace
	compile_start32
	copied
	rm copy/libmsealctl32.so
	run -125 --separate-stderr copy/msealctl exec --via=preload -- ./start32
	assert_output ''
	assert_stderr 'msealctl: ./start32: cannot seal: it is a 32-bit program, and the shim is 64-bit'
	start copy/msealctl exec -- ./start32
	assert [ "$(sealed_count "$pid")" -gt 3 ]
	assert_finishes_with 7
	# its loader finds another one: somebody looks
	cp "$shim32" copy
	while read -r -d '' link; do
		[[ $(realpath "$link") != */libmsealctl32.so ]] || ln -sf "$shim" "$link"
	done < <(find copy/multilib -name libmsealctl.so -print0)
	run -125 --separate-stderr copy/msealctl exec --via=preload -- ./start32
	assert_output ''
	[[ $stderr == *'msealctl: ./start32: cannot seal: its loader has not loaded the shim' ]]
}
