#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Objects that a program has loaded later, as opposed to those that it started with.

load helpers

setup() {
	requires program:gcc private-proc
	cd "$BATS_TEST_TMPDIR" || return
}

# library NAME [ARGUMENT...]: libNAME.so.1.2, by its soname and for the linker
library() {
	printf 'int %s_value(void) { return 1; }\n' "$1" >"$1.c"
	gcc -shared -fPIC -o "lib$1.so.1.2" "$1.c" -Wl,-soname,"lib$1.so.1" -Wl,--no-as-needed "${@:2}" \
		-Wl,-rpath,"$PWD" -L.
	ln -s "lib$1.so.1.2" "lib$1.so.1"
	ln -s "lib$1.so.1.2" "lib$1.so"
}

# A program that needs libdirect, which needs libindirect; is started with libpreload;
# and opens libplugin, which needs libdependency and libdirect, and libpermanent.
make_program() {
	library indirect
	library direct -lindirect
	library preload
	library dependency
	library plugin -ldependency -ldirect
	library permanent -Wl,-z,nodelete
	gcc -o program -x c - -Wl,--no-as-needed -L. -ldirect -Wl,-rpath,"$PWD" <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		#include <unistd.h>

		int main(int argc, char **argv)
		{
			void *first = NULL;

			for (int i = 1; i < argc; i++) {
				void *handle = dlopen(argv[i], RTLD_NOW);

				if (!handle)
					return 1;
				first = first ? first : handle;
			}
			printf("pid %d\nready\n", (int)getpid());
			fflush(stdout);
			while (getchar() != EOF)
				;
			return argc > 1 && dlclose(first) != 0;
		}
	END
}

start_program() {
	start env LD_PRELOAD="$PWD/libpreload.so" "$PWD/program" "$PWD/libplugin.so" "$PWD/libpermanent.so"
}

@test "DLOPENED marks what was loaded later, with what only it needs" {
	make_program
	start_program
	run -0 msealctl show -n -r -o DLOPENED,OBJECT --seal=text "$pid"
	for name in direct indirect preload permanent; do
		assert_line "no $PWD/lib$name.so.1.2"
	done
	for name in plugin dependency; do
		assert_line "yes $PWD/lib$name.so.1.2"
	done
	assert_line "no $PWD/program"
	assert_line --regexp '^no .*/libc\.so\.6$'
	assert_line --regexp '^no .*/ld-linux[^/]*$'
}

@test "the word dlopened selects, and excludes" {
	make_program
	start_program
	run -0 msealctl show -n -r -o OBJECT --seal=dlopened "$pid"
	assert_equal "$(sort -u <<<"$output")" "$PWD/libdependency.so.1.2
$PWD/libplugin.so.1.2"
	run -0 msealctl show -n -r -o OBJECT --seal='dlopened:libplug*' "$pid"
	assert_equal "$(sort -u <<<"$output")" "$PWD/libplugin.so.1.2"
	run -0 msealctl show -n -r -o OBJECT --exclude=dlopened "$pid"
	refute_output --partial libplugin
	refute_output --partial libdependency
	assert_output --partial libdirect
}

@test "attach --exclude=dlopened leaves objects that can be closed" {
	requires mseal ptrace
	make_program
	start_program
	run -0 msealctl attach -q --exclude=dlopened "$pid"
	run -0 msealctl check -q --exclude=dlopened "$pid"
	run -3 msealctl check -q --seal=dlopened "$pid"
	assert_finishes_with 0
}

@test "dlopened knows the extensions of python3" {
	requires_python _ctypes
	start "$python" -c 'import os, sys, _ctypes
print("pid", os.getpid(), "\nready", flush=True)
sys.stdin.read()'
	run -0 msealctl show -n -r -o DLOPENED,OBJECT --seal=text "$pid"
	assert_line --regexp '^no .*/python3[^/]*$'
	grep -q '_ctypes.*\.so' "/proc/$pid/maps" || skip "_ctypes is no extension here"
	assert_line --regexp '^yes .*/_ctypes[^/]*\.so$'
}

@test "dlopened knows what musl has loaded later" {
	requires program:musl-gcc
	musl-gcc -o "$PWD/musl" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	start "$PWD/musl"
	run -0 msealctl show -n -r -o DLOPENED --seal=text "$pid"
	assert_equal "$(sort -u <<<"$output")" no
}

@test "dlopened finds nothing in a static program" {
	gcc -static -o "$PWD/static" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	start "$PWD/static"
	run -0 msealctl show -n -r -o DLOPENED --seal=text "$pid"
	assert_equal "$(sort -u <<<"$output")" no
}
