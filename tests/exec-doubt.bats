#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Loaders that leave the shim out without a word, or might: auto does without it, and
# with --via=preload somebody looks whether it has come.

load helpers

# A leak sanitizer stops its program with ptrace, which is not to be had in some tests.
setup() {
	requires mseal ptrace shim program:gcc
	export ASAN_OPTIONS=detect_leaks=0
}

# A program of our own, whose loader is $1.
program_of() {
	program=$BATS_TEST_TMPDIR/program
	gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" -Wl,--dynamic-linker="$1"
}

# A copy of the loader, where "$@" has been done to it.
other_loader() {
	local loader

	loader=$(readelf -p .interp "$helpers/victim" | grep -o '/.*')
	cp "$loader" "$BATS_TEST_TMPDIR/ld-linux.so.2"
	"$@"
	program_of "$BATS_TEST_TMPDIR/ld-linux.so.2"
}

# The compiler has made two words of the name, to compare it with.
deaf() { sed -i 's/PREL/XREL/g' "$BATS_TEST_TMPDIR/ld-linux.so.2"; }

# Not on aarch64, for one.
needs_deaf_program() {
	! LD_PRELOAD=/nosuch "$program" </dev/null 2>&1 | grep -q 'cannot be preloaded' ||
		skip "the name is not in the text of this loader"
}

# An auditor for which the shim is nowhere to be found.
deaf_auditor() {
	auditor=$BATS_TEST_TMPDIR/auditor.so
	gcc -shared -fPIC -o "$auditor" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <link.h>
		#include <string.h>

		unsigned la_version(unsigned version) { return version; }

		char *la_objsearch(const char *name, uintptr_t *cookie, unsigned flag)
		{
			return strstr(name, "libmsealctl") || strstr(name, "/self/fd/") ? NULL : (char *)name;
		}
	END
}

assert_sealed_by_auto() {
	start "$@" "$msealctl" exec -- "$program"
	run -0 "$helpers/sealrows" "$pid"
	run ! grep -q libmsealctl "/proc/$pid/maps"
	assert_finishes_with 7
}

assert_refused_by_preload() {
	run -125 --separate-stderr "$@" "$msealctl" exec --via=preload -- "$program" </dev/null
	assert_output ''
	# ld.so may have said something of its own before
	[[ $stderr == *"msealctl: $program: cannot seal: its loader has not loaded the shim" ]]
	run -7 --separate-stderr "$@" "$msealctl" exec --best-effort --via=preload -- "$program" </dev/null
	assert_line ready
}

assert_sealed_by_preload() {
	start "$@" "$msealctl" exec --via=preload -- "$program"
	run -0 "$helpers/sealrows" "$pid"
	run -0 grep -q libmsealctl "/proc/$pid/maps"
	assert_equal "$(awk '/^TracerPid:/ { print $2 }' "/proc/$pid/status")" 0
	assert_finishes_with 7
}

@test "exec: a loader that does not know LD_PRELOAD is no way around the seals" {
	other_loader deaf
	needs_deaf_program
	assert_sealed_by_auto
	assert_refused_by_preload
}

@test "exec traces a program whose loader is a copy of msealctl's own" {
	other_loader true
	assert_sealed_by_auto
	assert_sealed_by_preload
}

@test "exec: an auditor that keeps the shim out is no way around the seals" {
	program_of "$(readelf -p .interp "$helpers/victim" | grep -o '/.*')"
	deaf_auditor
	assert_sealed_by_auto env LD_AUDIT="$auditor"
	assert_refused_by_preload env LD_AUDIT="$auditor"
}

@test "exec: an auditor that the program itself names is no way around the seals" {
	deaf_auditor
	program=$BATS_TEST_TMPDIR/program
	for option in audit depaudit; do
		gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" -Wl,--"$option"="$auditor"
		assert_sealed_by_auto
		assert_refused_by_preload
	done
}

@test "exec: an auditor is none the less seen where ld.so sees it, by address and up to DT_NULL" {
	requires program:python3
	deaf_auditor
	program=$BATS_TEST_TMPDIR/program
	for patch in 'filesz 0x10' 'offset 0xe00' 'offset 0x8000000000000000' 'filesz 0xffffffffffff'; do
		gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" -Wl,--audit="$auditor"
		# shellcheck disable=SC2086 # two words; 2 is PT_DYNAMIC
		patch_header "$program" 2 $patch
		assert_sealed_by_auto
		assert_refused_by_preload
		run -125 msealctl exec --follow-dlopen -- "$program" </dev/null
		start "$msealctl" exec --inherit -- "$program"
		run -0 "$helpers/sealrows" "$pid"
		assert_finishes_with 7
	done
}

@test "exec traces a program that the loader may take for the shim, by its name or its loader's" {
	requires program:python3
	program=$BATS_TEST_TMPDIR/program
	gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" -Wl,-soname=shim
	assert_sealed_by_auto
	gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	# 3 is PT_INTERP
	patch_header "$program" 3 vaddr 0x40
	assert_sealed_by_auto
	run -0 msealctl exec --dry-run -- "$program"
	assert_line --partial "its ELF headers are out of the ordinary, and may keep the shim out"
}

@test "exec seals a program with the address sanitizer of gcc by tracing it" {
	program=$BATS_TEST_TMPDIR/program
	gcc -fsanitize=address -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" ||
		skip "gcc has no address sanitizer here"
	"$program" </dev/null >/dev/null 2>&1 || (($? == 7)) ||
		skip "programs with the address sanitizer do not run here"
	assert_sealed_by_auto
	run -125 --separate-stderr msealctl exec --via=preload -- "$program"
	assert_output ''
	assert_stderr "msealctl: $program: cannot seal: it has the address sanitizer of gcc, and ends itself if anything is preloaded"
	run -125 --separate-stderr msealctl exec --inherit -- "$program"
	assert_output ''
	assert_stderr "msealctl: $program: cannot seal what it executes: it has the address sanitizer of gcc, and ends itself if anything is preloaded"
	run -7 --separate-stderr msealctl exec --inherit --best-effort -- "$program" </dev/null
	assert_stderr "msealctl: warning: $program: what it executes stays unsealed: it has the address sanitizer of gcc, and ends itself if anything is preloaded"
}

# The limit is of the one command, and not of the shell.
limited() { (ulimit -v 200000 && exec "$@"); }

@test "exec seals, or refuses, where memory is limited" {
	# a sanitizer maps more than the limit allows
	requires plain-build
	program_of "$(readelf -p .interp "$helpers/victim" | grep -o '/.*')"
	assert_sealed_by_auto limited
	assert_sealed_by_preload limited
}

@test "without debug registers, too, it is seen whether the loader loads the shim" {
	requires plain-build
	run -0 limited "$helpers/nocall" pokeuser "$msealctl" exec --via=preload -- "$helpers/trymut"
	run -0 limited "$helpers/nocall" pokeuser "$msealctl" exec -- "$helpers/trymut"
	other_loader deaf
	program_of "$BATS_TEST_TMPDIR/ld-linux.so.2"
	needs_deaf_program
	run -125 --separate-stderr "$helpers/nocall" pokeuser "$msealctl" exec --via=preload -- "$program"
	[[ $stderr == *"msealctl: $program: cannot seal: its loader has not loaded the shim" ]]
}

# The kernel's answer to lsm_get_self_attr(2) where there is a label, but no room for it.
labelled() {
	requires program:gcc
	local object=$BATS_TEST_TMPDIR/liblabel.so

	[[ -e $object ]] || gcc -shared -fPIC -o "$object" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <errno.h>

		long syscall(long number, long a, long b, long c, long d, long e, long f)
		{
			long (*next)(long, ...) = dlsym(RTLD_NEXT, "syscall");

			if (number != 459)
				return next(number, a, b, c, d, e, f);
			errno = E2BIG;
			return -1;
		}
	END
	env LD_PRELOAD="$object" "$@"
}

@test "exec traces where a security module labels processes" {
	requires plain-build
	program=$helpers/victim
	start labelled "$msealctl" exec -- "$program"
	run -0 "$helpers/sealrows" "$pid"
	run ! grep -q libmsealctl "/proc/$pid/maps"
	finish
	start labelled "$msealctl" exec --via=preload -- "$program"
	run -0 grep -q libmsealctl "/proc/$pid/maps"
	finish
}

@test "exec survives a filter that ends what asks the kernel for a label" {
	start "$helpers/nocall" lsm "$msealctl" exec -- "$helpers/victim"
	run -0 "$helpers/sealrows" "$pid"
	finish
}

@test "exec traces where only /proc shows a security module" {
	requires root program:unshare
	unshare --mount true 2>/dev/null || skip "no mount namespace here"
	echo label >"$BATS_TEST_TMPDIR/label"
	start unshare --mount bash -c 'mount --bind "$0" /proc/$$/attr/current && exec "$@"' \
		"$BATS_TEST_TMPDIR/label" "$helpers/nocall" lsm "$msealctl" exec -- "$helpers/victim"
	run -0 "$helpers/sealrows" "$pid"
	run ! grep -q libmsealctl "/proc/$pid/maps"
	finish
}

@test "exec refuses a doubtful program where nothing can be traced" {
	other_loader deaf
	run -125 --separate-stderr "$helpers/nocall" ptrace "$msealctl" exec -- "$program" </dev/null
	assert_output ''
	[[ $stderr == "msealctl: $program: cannot seal: its loader is $BATS_TEST_TMPDIR/ld-linux.so.2, which may ignore the shim; and it cannot be traced: "* ]]
}

# An object for msealctl itself: just before the exec, it removes $VICTIM.
remover() {
	object=$BATS_TEST_TMPDIR/libremover.so
	gcc -shared -fPIC -o "$object" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdlib.h>
		#include <unistd.h>

		int execve(const char *path, char *const *argv, char *const *envp)
		{
			int (*next)(const char *, char *const *, char *const *) = dlsym(RTLD_NEXT, "execve");
			char *victim = getenv("VICTIM");

			if (victim)
				unlink(victim);
			return next(path, argv, envp);
		}
	END
}

@test "exec loads the very file that it has checked, whatever takes its place" {
	requires plain-build
	remover
	for options in '' --inherit --follow-dlopen; do
		mkdir -p "$BATS_TEST_TMPDIR/copy"
		cp "$msealctl" "${shim%.so}"*.so "$BATS_TEST_TMPDIR/copy"
		file=$BATS_TEST_TMPDIR/copy/libmsealctl.so
		[[ $options != --follow-dlopen ]] || file=${file%.so}-follow.so
		# shellcheck disable=SC2086 # none, or one word
		run -0 --separate-stderr env LD_PRELOAD="$object" VICTIM="$file" \
			"$BATS_TEST_TMPDIR/copy/msealctl" exec $options --via=preload -- "$helpers/trymut"
		refute_stderr
		assert [ ! -e "$file" ]
	done
}

@test "what exec does so that the loader finds that file leaves no trace" {
	gcc -o "$BATS_TEST_TMPDIR/traces" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <link.h>
		#include <stdio.h>

		static int print(struct dl_phdr_info *info, size_t size, void *context)
		{
			(void)size;
			(void)context;
			printf("object %s\n", info->dlpi_name);
			return 0;
		}

		int main(void)
		{
			dl_iterate_phdr(print, NULL);
			for (int fd = 3; fd < 100; fd++)
				if (fcntl(fd, F_GETFD) >= 0)
					printf("descriptor %d\n", fd);
		}
	END
	plain=$("$BATS_TEST_TMPDIR/traces" | grep -c ^descriptor) || true
	for options in '' --inherit --follow-dlopen; do
		# shellcheck disable=SC2086
		run -0 msealctl exec $options --via=preload -- "$BATS_TEST_TMPDIR/traces"
		refute_output --partial /self/fd/
		assert_line --regexp '^object .*/libmsealctl(-follow)?\.so$'
		assert_equal "$(grep -c ^descriptor <<<"$output")" "$plain"
	done
}

@test "the shim counts as loaded at the start, behind an LD_PRELOAD of the user" {
	for preload in libm.so.6 ''; do
		start env LD_PRELOAD="$preload" "$msealctl" exec --via=preload -- "$helpers/victim"
		run -0 msealctl show -n -r -o DLOPENED,NAME "$pid"
		assert_line "no $shim"
		refute_line --regexp '^yes '
		finish
	done
}

@test "one call of the loader that fails, whichever it is, leaves no program unsealed" {
	requires plain-build program:strace
	for fault in mmap:error=ENOMEM openat:error=ENFILE read:error=EIO; do
		for ((n = 1; n < 30; n++)); do
			status=0
			strace -qq -o /dev/null -e trace="${fault%%:*}" -e inject="$fault:when=$n" \
				"$msealctl" exec --via=preload -- grep -q '^VmFlags:.* sl' /proc/self/smaps \
				>"$BATS_TEST_TMPDIR/says" 2>&1 || status=$?
			# 1: it has looked, and has found none
			((status != 1)) || fail "$fault, call $n: it runs unsealed: $(<"$BATS_TEST_TMPDIR/says")"
		done
	done
}
