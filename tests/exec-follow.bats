#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec --follow-dlopen: what is loaded after the start.

load helpers

setup_file() {
	requires mseal shim program:gcc
	export folder=$BATS_FILE_TMPDIR
	cd "$folder" || return
	# with another C library, from glibc/fetch.sh, whose loader may do things in another order
	glibc=()
	[[ ! ${MSEALCTL_TEST_GLIBC-} ]] ||
		glibc=('-Wl,--disable-new-dtags' "-Wl,-rpath,$MSEALCTL_TEST_GLIBC")
	gcc -o opener "$BATS_TEST_DIRNAME/fixtures/programs/opener.c" "${glibc[@]}" \
		${MSEALCTL_TEST_GLIBC:+-Wl,--dynamic-linker="$MSEALCTL_TEST_GLIBC/ld-linux-x86-64.so.2"}
	library leaf
	library middle -lleaf
	library root -lmiddle -lleaf
	library open-other
	library broken -DBROKEN -lleaf
	library array -nostartfiles -lc
	library init -nostartfiles -DINIT -Wl,-init=initialize -lc
	library bare -nostartfiles -DBARE
	library bare-root -nostartfiles -DBARE -lbare
	library nested -DNESTED="\"$folder/libroot.so\"" -lc
}

setup() {
	requires mseal shim program:gcc
	cd "$folder" || return
}

# library NAME [ARGUMENT...]: libNAME.so, of library.c
library() {
	# on some architectures not so by default, and with holes between the segments
	gcc -shared -fPIC -Wl,-z,relro,-z,separate-code,-z,max-page-size="$(getconf PAGESIZE)" \
		-o "lib$1.so" -DNAME="\"$1\"" \
		"$BATS_TEST_DIRNAME/fixtures/programs/library.c" \
		-L. "${glibc[@]}" -Wl,-rpath,"$folder" -Wl,--no-as-needed "${@:2}"
}

# follow [ARGUMENT...]: the opener, with these further arguments to msealctl
follow() { start "$msealctl" exec --follow-dlopen "$@" -- "$folder/opener"; }

# ask LINE ANSWER
ask() {
	say "$1"
	assert_equal "$heard" "$2"
}

# seals NAME: "CLASSES-SEALED/CLASSES" of what is mapped of libNAME.so, by its permissions
seals() {
	awk -v "name=/lib$1.so" '
		/^[0-9a-f]+-/ { permissions = $2; of = substr($6, length($6) - length(name) + 1) == name }
		/^VmFlags:/ && of && permissions !~ /w/ { print permissions ($0 ~ / sl/ ? " sealed" : " open") }
	' "/proc/$pid/smaps" | sort | uniq -c | awk '{ print $1, $2, $3 }'
}

# Before and behind the text, and RELRO.
all_sealed='3 r--p sealed
1 r-xp sealed'

assert_sealed() {
	local name

	for name in "$@"; do
		assert_equal "$(seals "$name")" "$all_sealed"
	done
}

@test "exec --follow-dlopen seals what is opened, and what that needs" {
	follow
	[[ ! ${MSEALCTL_TEST_GLIBC-} ]] || grep -q "$MSEALCTL_TEST_GLIBC/ld-" "/proc/$pid/maps"
	ask "open $folder/libroot.so" ok
	assert_sealed root middle leaf
	ask "try $folder/libroot.so" EPERM
	assert_finishes_with 7
}

@test "exec --follow-dlopen reads all mappings where it must not ask for a few" {
	# any filter might end the program for the request
	start "$helpers/nocall" lsm "$msealctl" exec --follow-dlopen -- "$folder/opener"
	ask "open $folder/libroot.so" ok
	assert_sealed root middle leaf
}

@test "exec --follow-dlopen seals objects before their own code runs, which runs as it would" {
	# the last one ends the wait of libinit.so where DT_INIT is ignored
	start "$folder/opener"
	for name in nested array init bare; do
		ask "open $folder/lib$name.so" ok
	done
	assert_finishes_with 7
	sed 's/ open$/ sealed/' "$target_errors" >"$BATS_TEST_TMPDIR/expected"
	follow
	for name in nested array init bare; do
		ask "open $folder/lib$name.so" ok
	done
	assert_sealed nested root middle leaf array init
	assert_finishes_with 7
	diff "$BATS_TEST_TMPDIR/expected" "$target_errors"
	grep -qx 'begin leaf 1 1 sealed' "$target_errors"
	run -0 grep -c '^end' "$target_errors"
	assert_output 6
}

@test "exec --follow-dlopen seals an object without initializer when something else is opened" {
	follow
	ask "open $folder/libbare.so" ok
	ask "try $folder/libbare.so" ok
	ask "open $folder/libleaf.so" ok
	assert_sealed bare leaf
	assert_finishes_with 7
}

@test "exec --follow-dlopen: an object that waits may outlive what it was loaded for" {
	follow
	ask "open $folder/libbare-root.so" ok
	ask "open $folder/libbare.so" ok
	ask "close $folder/libbare-root.so" ok
	ask "try $folder/libbare.so" ok
	ask "open $folder/libleaf.so" ok
	assert_sealed bare leaf
	ask "try $folder/libbare.so" EPERM
	ask "close $folder/libbare.so" ok
	ask "try $folder/libbare.so" EPERM
	assert_finishes_with 7
}

@test "exec --follow-dlopen: dlclose leaks nothing, and removes nothing that is sealed" {
	follow
	ask "open $folder/libroot.so" ok
	say rows
	rows=$heard
	for ((n = 0; n < 20; n++)); do
		ask "close $folder/libroot.so" ok
		ask "open $folder/libroot.so" ok
	done
	ask rows "$rows"
	assert_sealed root middle leaf
	assert_finishes_with 7
	run -0 grep -c 'begin leaf' "$target_errors"
	assert_output 1
}

@test "exec --follow-dlopen: an object that was never sealed can be closed" {
	follow --exclude='dlopened:libroot*,dlopened:libmiddle*,dlopened:libleaf*'
	say rows
	rows=$heard
	for ((n = 0; n < 3; n++)); do
		ask "open $folder/libroot.so" ok
		ask "try $folder/libroot.so" ok
		ask "close $folder/libroot.so" ok
	done
	ask rows "$rows"
	assert_finishes_with 7
}

@test "exec --follow-dlopen: what cannot be loaded fails as it would, and leaves nothing behind" {
	follow
	wrong="$folder/libbroken.so: undefined symbol: nowhere"
	ask "open $folder/libbroken.so" "$wrong"
	say rows
	rows=$heard
	for ((n = 0; n < 20; n++)); do
		ask "open $folder/libbroken.so" "$wrong"
	done
	ask rows "$rows"
	ask "open $folder/libleaf.so" ok
	assert_sealed leaf
	assert_finishes_with 7
}

@test "exec --follow-dlopen leaves the dynamic section as the file has it" {
	requires program:readelf
	follow
	for name in root middle leaf array init; do
		ask "open $folder/lib$name.so" ok
		own=$(readelf -dW "lib$name.so" | awk '$2 ~ /^\(INIT(_ARRAY)?\)$/ { print $3; exit }')
		ask "init $folder/lib$name.so" "$own"
	done
	assert_finishes_with 7
}

@test "exec --follow-dlopen: --seal and --exclude hold for what is loaded later" {
	follow --seal=text,relro --exclude='relro:libmiddle.so'
	ask "open $folder/libroot.so" ok
	assert_equal "$(seals root)" '2 r--p open
1 r--p sealed
1 r-xp sealed'
	assert_equal "$(seals middle)" '3 r--p open
1 r-xp sealed'
	assert_finishes_with 7
	# nothing but ELF objects comes with a dlopen
	follow --seal=all,'dlopened:libleaf*' --exclude=heap,anon,stack,data
	ask "open $folder/libleaf.so" ok
	assert_sealed leaf
	assert_finishes_with 7
}

@test "exec --follow-dlopen seals what is loaded into another namespace" {
	follow
	ask "apart $folder/libleaf.so" ok
	# it is not known when that is done with, until there is another one
	ask "open $folder/libbare.so" ok
	assert_sealed leaf
	assert_finishes_with 7
}

@test "exec --follow-dlopen is not ended by a seccomp filter that the program installs" {
	follow
	ask "open $folder/libleaf.so" ok
	ask filter ok
	ask "open $folder/libroot.so" ok
	assert_sealed leaf
	ask "try $folder/libroot.so" ok
	assert_finishes_with 7
	grep -qx "msealctl: warning: cannot seal $folder/libroot.so: a seccomp filter was installed since the start" \
		"$target_errors"
}

@test "exec --follow-dlopen writes nothing to what is no longer the standard error" {
	follow
	ask "stderr $BATS_TEST_TMPDIR/database" ok
	ask filter ok
	ask "open $folder/libbare.so" ok
	ask "open $folder/libroot.so" ok
	ask "try $folder/libroot.so" ok
	assert_finishes_with 7
	refute grep msealctl "$BATS_TEST_TMPDIR/database"
}

@test "exec --follow-dlopen leaves no trace in the environment, and keeps the user's auditor" {
	run -0 --separate-stderr msealctl exec --follow-dlopen -- env
	refute_output --partial msealctl-audit
	refute_output --partial LD_AUDIT
	refute_output --partial GLIBC_TUNABLES
	refute_output --partial MSEALCTL_SHIM
	refute_stderr
	gcc -shared -fPIC -o libauditor.so -x c - <<-'END'
		#define _GNU_SOURCE
		#include <link.h>
		#include <unistd.h>

		unsigned int la_version(unsigned int version)
		{
			write(2, "audited\n", 8);
			return version < LAV_CURRENT ? version : LAV_CURRENT;
		}
	END
	run -0 --separate-stderr env LD_AUDIT="$folder/libauditor.so" \
		"$msealctl" exec --follow-dlopen -- bash -c 'echo "$LD_AUDIT"'
	assert_output "$folder/libauditor.so"
	# msealctl itself, and the shell
	assert_stderr 'audited
audited'
}

@test "exec --follow-dlopen leaves room for thread-local variables of libraries" {
	local ends=127

	gcc -shared -fPIC -ftls-model=initial-exec -o libtls.so -x c - <<-'END'
		__thread char large[2632];
		char *large_of_thread(void) { return large; }
	END
	gcc -o tls -x c - -L. -ltls -Wl,-rpath,"$folder" <<-'END'
		#include <stdio.h>
		#include <stdlib.h>

		char *large_of_thread(void);

		int main(void)
		{
			const char *tunables = getenv("GLIBC_TUNABLES");

			puts(tunables ? tunables : "none");
			return large_of_thread()[0];
		}
	END
	run -0 msealctl exec --follow-dlopen -- ./tls
	assert_output none
	run -0 env GLIBC_TUNABLES=glibc.malloc.arena_max=1 "$msealctl" exec --follow-dlopen -- ./tls
	assert_output glibc.malloc.arena_max=1
	run -0 env GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096 "$msealctl" exec --follow-dlopen -- ./tls
	assert_output glibc.rtld.optional_static_tls=4096
	# without debug registers exec cannot see that the loader gave up before the entry point
	[[ $(uname -m) != riscv64 ]] || ends=125
	run "-$ends" env GLIBC_TUNABLES=glibc.rtld.optional_static_tls=64 "$msealctl" exec --follow-dlopen -- ./tls
	assert_output --partial 'cannot allocate memory in static TLS block'
}

@test "exec --follow-dlopen --inherit: children follow, as their parent does" {
	start "$msealctl" exec --follow-dlopen --inherit -- sh -c 'env -u X "$1"; exit $?' _ "$folder/opener"
	ask "open $folder/libroot.so" ok
	assert_sealed root middle leaf
	assert_finishes_with 7
}

@test "exec --follow-dlopen runs nothing that cannot follow, or with a warning" {
	gcc -static -o static "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	run -125 --separate-stderr msealctl exec --follow-dlopen -- "$folder/static"
	assert_output ''
	assert_stderr "msealctl: $folder/static: cannot follow dlopen: it is statically linked: no loader will load the shim"
	if [[ -e $helpers/victim32 ]]; then
		run -125 --separate-stderr msealctl exec --follow-dlopen -- "$helpers/victim32"
		assert_stderr "msealctl: $helpers/victim32: cannot follow dlopen: it is a 32-bit program, and the shim is 64-bit"
	fi
	run -125 --separate-stderr msealctl exec --follow-dlopen --via=ptrace -- true
	assert_equal "${stderr%%$'\n'*}" "msealctl: --follow-dlopen and --via=ptrace do not go together"
	run -0 --separate-stderr msealctl exec --best-effort --follow-dlopen -- /sbin/ldconfig --version
	[[ $stderr == *'ldconfig: what it loads later stays unsealed: '* ]]
	if type -P musl-gcc; then
		musl-gcc -o musl "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
		run -125 --separate-stderr msealctl exec --follow-dlopen -- "$folder/musl"
		assert_output ''
		[[ $stderr == "msealctl: $folder/musl: cannot follow dlopen: its loader is "*', of musl' ]]
	fi
}

@test "exec --follow-dlopen without privileges, with little memory and few descriptors, without standard error" {
	requires root program:setpriv
	[[ ! ${MSEALCTL_TEST_GLIBC-} ]] || skip "that C library is for its owner"
	# copies that anybody can read
	chmod 711 "$BATS_RUN_TMPDIR" "${BATS_FILE_TMPDIR%/*}" "$folder"
	cp "$msealctl" "${shim%.so}"-{follow,audit}.so "$folder"
	try() {
		start "$@" "$folder/msealctl" exec --follow-dlopen -- "$folder/opener"
		ask "open $folder/libroot.so" ok
		assert_sealed root middle leaf
		assert_finishes_with 7
	}
	try setpriv --reuid=65534 --regid=65534 --clear-groups --
	requires plain-build
	try bash -c 'ulimit -v 100000 -n 8; exec "$@"' _
	try bash -c 'exec 2>&-; exec "$@"' _
}

@test "exec --follow-dlopen is refused without /proc" {
	requires root program:unshare
	unshare -m true || skip "no mounts here"
	[[ ! ${MSEALCTL_TEST_GLIBC-} ]] || skip "that loader is not msealctl's own, so /proc is needed to begin with"
	run -125 --separate-stderr unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' _ \
		"$msealctl" exec --follow-dlopen -- "$folder/opener"
	assert_output ''
	# where a security module is at work, tracing fails before
	[[ $stderr == *'msealctl: cannot follow dlopen: /proc/thread-self/status cannot be read' ||
		$stderr == *'it cannot be traced: /proc is not mounted' ]]
	run -0 --separate-stderr unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' _ \
		"$msealctl" exec --best-effort --follow-dlopen -- true
	[[ $stderr == *'msealctl: warning: cannot follow dlopen: /proc/thread-self/status cannot be read' ]]
}

@test "exec --follow-dlopen runs nothing without its auditor" {
	mkdir "$BATS_TEST_TMPDIR/alone"
	cp "$msealctl" "$TOP_BUILDDIR/src/libmsealctl-follow.so" "$BATS_TEST_TMPDIR/alone"
	run -125 --separate-stderr "$BATS_TEST_TMPDIR/alone/msealctl" exec --follow-dlopen -- true
	assert_stderr "msealctl: $(type -P true): cannot follow dlopen: its auditor, libmsealctl-audit.so, cannot be loaded: No such file or directory"
}

# What is mapped of the objects whose paths match, and neither writable nor sealed
open_rows() {
	awk -v "pattern=$1" '
		/^[0-9a-f]+-/ { row = $0 }
		/^VmFlags:/ && row ~ pattern { all++; if (row !~ / .w/ && $0 !~ / sl/) print row }
		END { if (!all) print "none" }
	' "/proc/$pid/smaps"
}

@test "exec --follow-dlopen seals the extensions of python3" {
	requires_python ctypes decimal json readline
	start "$msealctl" exec --follow-dlopen -- "$python" -c 'import os, sys
import ctypes, decimal, json, readline
print("pid", os.getpid(), "\nready", flush=True)
sys.stdin.read()'
	grep -q lib-dynload "/proc/$pid/maps" || skip "python3 has no extensions here"
	assert_equal "$(open_rows 'lib-dynload|libffi|libreadline')" ''
	assert_finishes_with 0
}

@test "exec --follow-dlopen seals the XS modules of perl" {
	requires program:perl
	start "$msealctl" exec --follow-dlopen -- perl -e '
		use POSIX; use Socket; use List::Util;
		$| = 1; print "pid $$\nready\n"; my @rest = <STDIN>;'
	assert_equal "$(open_rows '/auto/.*[.]so')" ''
	assert_finishes_with 0
}

# What a library has that is sealed: on riscv64, ld(1) puts constants into the same segment as
# code.
library_classes() {
	[[ $(uname -m) == riscv64 ]] || echo rodata
	echo text relro
}

@test "exec --follow-dlopen seals the converters of iconv" {
	requires program:iconv
	run -0 --separate-stderr bash -c 'echo "$2" | "$1" exec -v --follow-dlopen -- iconv -f UTF-8 -t UTF-16LE' \
		_ "$msealctl" x
	# shellcheck disable=SC2154 # set by run
	for class in $(library_classes); do
		grep -qE "^msealctl: sealed .*\($class of .*/gconv/UTF-16\.so\)$" <<<"$stderr"
	done
}

@test "exec --follow-dlopen seals the modules of the name service switch" {
	requires program:getent
	[[ -e $(echo /usr/lib/*/libnss_compat.so.2) ]] || skip "no module that libc has not itself"
	run -0 --separate-stderr msealctl exec -v --follow-dlopen -- getent -s compat passwd root
	assert_output --regexp '^root:'
	for class in $(library_classes); do
		grep -qE "^msealctl: sealed .*\($class of .*/libnss_compat\..*\)$" <<<"$stderr"
	done
}

@test "exec --follow-dlopen seals the modules of PAM" {
	requires root program:runuser
	runuser -u nobody -- true || skip "runuser does not work here"
	run -0 --separate-stderr msealctl exec -v --follow-dlopen -- runuser -u nobody -- id -un
	assert_output nobody
	for class in $(library_classes); do
		grep -qE "^msealctl: sealed .*\($class of .*/pam_[a-z]+\.so\)$" <<<"$stderr"
	done
}

@test "exec --follow-dlopen with threads that open and close at once" {
	gcc -pthread -o threads -x c - <<-'END'
		#include <dlfcn.h>
		#include <pthread.h>
		#include <stdio.h>

		static const char *const names[] = {
			"libroot.so", "libleaf.so", "libarray.so", "libbare.so", "libinit.so", "libbroken.so",
		};

		static void *work(void *arg)
		{
			for (unsigned n = 0; n < 300; n++) {
				char path[64];
				void *handle;

				snprintf(path, sizeof(path), "./%s", names[(n + (unsigned)(size_t)arg) % 6]);
				handle = dlopen(path, n % 2 ? RTLD_NOW : RTLD_LAZY);
				if (handle && dlclose(handle) != 0)
					return arg;
			}
			return NULL;
		}

		int main(void)
		{
			pthread_t threads[4];
			void *bad = NULL;

			for (size_t i = 0; i < 4; i++)
				pthread_create(&threads[i], NULL, work, (void *)(i + 1));
			for (size_t i = 0; i < 4 && !bad; i++)
				pthread_join(threads[i], &bad);
			return bad != NULL;
		}
	END
	run -0 timeout "$patience" "$msealctl" exec --follow-dlopen -- ./threads
}
