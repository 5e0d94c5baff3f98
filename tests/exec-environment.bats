#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec where something is scarce, closed, or there already.

load helpers

# A leak sanitizer needs /proc and ptrace, which are not to be had in some tests.
setup() {
	requires mseal ptrace shim
	export ASAN_OPTIONS=detect_leaks=0
}

both() {
	for way in preload ptrace; do
		"$@" "$msealctl" exec --via="$way" -- "$helpers/trymut" >"$BATS_TEST_TMPDIR/says" || return
		! grep -q =ok "$BATS_TEST_TMPDIR/says" || return
	done
}

# limited OPTION VALUE COMMAND...
limited() { (ulimit "$1" "$2" && exec "${@:3}"); }

@test "exec under limits of address space, data and open files" {
	# a sanitizer maps more than any limit allows
	requires plain-build
	both limited -v 100000
	both limited -d 20000
	both limited -n 8
}

@test "exec with too little of something fails with a reason, and nothing runs unsealed" {
	requires plain-build
	for limit in '-n 4' '-n 3' '-v 20000' '-v 5000'; do
		for way in preload ptrace; do
			status=0
			# shellcheck disable=SC2086 # two words
			limited $limit "$msealctl" exec --via="$way" -- "$helpers/trymut" \
				>"$BATS_TEST_TMPDIR/says" 2>&1 || status=$?
			((status == 0 || status >= 125)) || fail "$limit, $way: status $status"
			run ! grep =ok "$BATS_TEST_TMPDIR/says"
		done
	done
}

@test "exec with closed standard streams" {
	both eval '<&-'
	both bash -c 'exec 0<&-; exec "$@"' _
	both bash -c 'exec 0<&- 2>&-; exec "$@"' _
}

@test "a warning without a reader does not end the program of exec" {
	for way in preload ptrace; do
		# shellcheck disable=SC2016 # for that shell
		run -0 bash -c 'exec 2> >(exec 2>&-); wait $!; exec "$@"' _ \
			"$msealctl" exec -v --via="$way" --seal=text,shm -- /bin/true
	done
}

@test "exec keeps a thousand variables" {
	both bash -c 'for ((i = 0; i < 1000; i++)); do export "V$i=$i"; done; exec "$@"' _
	run -0 bash -c 'for ((i = 0; i < 1000; i++)); do export "V$i=$i"; done
		exec "$1" exec -- env' _ "$msealctl"
	assert_equal "$(grep -cE '^V[0-9]+=' <<<"$output")" 1000
}

@test "exec works beside other preloaded objects, first or last" {
	found=
	for object in /usr/lib/*/libjemalloc.so.2 /usr/lib/*/libeatmydata.so /usr/lib/*/faketime/libfaketime.so.1; do
		[[ -e $object ]] || continue
		# its constructor wakes a sanitizer that is not ready, which then waits for itself
		[[ $object != *faketime* ]] || is_plain_build || continue
		found=yes
		both env LD_PRELOAD="$object"
		run -0 env LD_PRELOAD="$object" "$msealctl" exec -- bash -c 'echo "$LD_PRELOAD"'
		assert_output "$object"
		# behind the shim: what is exec'd by an inheriting program that adds one in front, or behind
		run -0 msealctl exec --inherit -- env sh -c 'LD_PRELOAD=$1:$LD_PRELOAD "$2"; exit $?' _ "$object" "$helpers/trymut"
		run -0 msealctl exec --inherit -- env sh -c 'LD_PRELOAD=$LD_PRELOAD:$1 "$2"; exit $?' _ "$object" "$helpers/trymut"
	done
	# what an exec keeps libfaketime from taking away again
	find /dev/shm -newer "$BATS_TEST_TMPDIR" -user "$EUID" -name '*faketime_s[eh]m_*' -delete
	[[ $found ]] || skip "none of them is installed"
}

@test "exec seals a program that the constructor of a library executes again" {
	local way program=$BATS_TEST_TMPDIR/program

	requires program:gcc
	gcc -DLIBRARY -shared -fPIC -o "$BATS_TEST_TMPDIR/libagain.so" "$BATS_TEST_DIRNAME/fixtures/programs/again.c"
	gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/again.c" -Wl,--no-as-needed \
		-L"$BATS_TEST_TMPDIR" -lagain -Wl,-rpath,"$BATS_TEST_TMPDIR"
	run -3 env -u _ A=1 "$program"
	plain=$(sort <<<"$output")
	for way in auto preload ptrace; do
		run -0 env -u _ A=1 "$msealctl" exec --via="$way" -- "$program"
		assert_equal "$(grep -v ^_= <<<"$output" | sort)" "$plain"
	done
	printf '#!/usr/bin/env %s\n' "$program" >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	run -0 msealctl exec --via=preload -- "$BATS_TEST_TMPDIR/script"
	refute_output --partial MSEALCTL_SHIM
}

# Programs with the thread sanitizer of clang do so, where addresses are too random for it.
@test "exec seals a program whose own constructor executes it again" {
	local way program=$BATS_TEST_TMPDIR/program

	requires program:gcc
	for link in -pie -no-pie; do
		gcc -DAGAIN "$link" -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/again.c"
		run -3 env -u _ A=1 "$program"
		plain=$(sort <<<"$output")
		for way in auto preload ptrace; do
			run -0 env -u _ A=1 "$msealctl" exec --via="$way" -- "$program"
			assert_equal "$(grep -v ^_= <<<"$output" | sort)" "$plain"
		done
	done
	gcc -DAGAIN -static -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/again.c"
	run -0 msealctl exec --via=ptrace -- "$program"
}

# As that of all other architectures does.
@test "exec seals such a program if its start-up code calls libc by the PLT" {
	local program=$BATS_TEST_TMPDIR/program

	requires program:gcc
	[[ $(uname -m) == x86_64 ]] || skip "its start-up code always does"
	gcc -c -o "$BATS_TEST_TMPDIR/start.o" -x assembler - <<-'END'
		.globl _start
		_start:
			xor %ebp, %ebp
			mov %rdx, %r9
			pop %rsi
			mov %rsp, %rdx
			and $-16, %rsp
			push %rax
			push %rsp
			xor %r8d, %r8d
			xor %ecx, %ecx
			lea main(%rip), %rdi
			call __libc_start_main@plt
			hlt
		.section .note.GNU-stack, "", @progbits
	END
	gcc -DAGAIN -nostartfiles -Wl,-z,lazy -o "$program" "$BATS_TEST_TMPDIR/start.o" \
		"$BATS_TEST_DIRNAME/fixtures/programs/again.c"
	run -3 env -u _ A=1 "$program"
	plain=$(sort <<<"$output")
	run -0 env -u _ A=1 "$msealctl" exec --via=preload -- "$program"
	assert_equal "$(grep -v ^_= <<<"$output" | sort)" "$plain"
}

@test "exec leaves the environment of a program that starts in its own way" {
	local program=$BATS_TEST_TMPDIR/program

	requires program:gcc
	gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/again.c"
	gcc -shared -fPIC -o "$BATS_TEST_TMPDIR/libstart.so" -x c - <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>

		int __libc_start_main(void *a, int b, char **c, void *d, void *e, void *f, void *g)
		{
			int (*next)(void *, int, char **, void *, void *, void *, void *) =
				(int (*)(void *, int, char **, void *, void *, void *, void *))
				dlsym(RTLD_NEXT, "__libc_start_main");

			return next(a, b, c, d, e, f, g);
		}
	END
	run -3 env -u _ LD_PRELOAD="$BATS_TEST_TMPDIR/libstart.so" "$program"
	plain=$output
	run -0 env -u _ LD_PRELOAD="$BATS_TEST_TMPDIR/libstart.so" "$msealctl" exec --via=preload -- "$program"
	assert_equal "$(grep -v ^_= <<<"$output")" "$plain"
	# none at all
	gcc -nostartfiles -e start -o "$program" -x c - <<-'END'
		#include <stdlib.h>

		void start(void) { exit(getenv("MSEALCTL_SHIM_SEAL") || getenv("LD_PRELOAD") ? 1 : 7); }
	END
	run -7 msealctl exec --via=preload -- "$program"
}

@test "exec seals programs on read-only and noexec file systems" {
	requires root program:unshare
	unshare -m true || skip "no mounts here"
	folder=$BATS_TEST_TMPDIR/mount
	mkdir "$folder"
	# shellcheck disable=SC2016 # for the other shell
	in_tmpfs='mount -t tmpfs -o mode=755 none "$1" && cp "$2" "$3" "$4" "$1" &&
		mount -o "remount,$5" "$1" && exec "${@:6}"'
	of=("$folder" "$msealctl" "$shim" "$helpers/trymut")
	for way in preload ptrace; do
		run -0 unshare -m bash -c "$in_tmpfs" _ "${of[@]}" ro \
			"$folder/msealctl" exec --via="$way" -- "$folder/trymut"
		run -126 --separate-stderr unshare -m bash -c "$in_tmpfs" _ "${of[@]}" noexec \
			"$msealctl" exec --via="$way" -- "$folder/trymut"
		assert_stderr "msealctl: $folder/trymut: cannot run: Permission denied"
	done
}

# COMMAND... where /proc is not mounted
without_proc() { unshare -m bash -c 'mount -t tmpfs none /proc && exec "$@"' _ "$@"; }

@test "exec without /proc seals ELF objects all the same" {
	requires root program:unshare
	unshare -m true || skip "no mounts here"
	for list in text,rodata,relro text rodata relro,data; do
		start without_proc "$msealctl" exec --seal="$list" -- "$helpers/victim"
		for class in text rodata relro; do
			[[ $list != *$class* ]] || run -0 "$helpers/sealrows" "$pid" "$class"
		done
		assert_finishes_with 0
	done
}

@test "exec without /proc refuses what needs it" {
	requires root program:unshare
	unshare -m true || skip "no mounts here"
	for list in text,stack heap 'name:*' all; do
		run -125 --separate-stderr without_proc "$msealctl" exec --seal="$list" -- "$helpers/trymut"
		assert_output ''
		# the runtime of a sanitizer misses /proc as well
		[[ $stderr == *'msealctl: cannot seal: /proc is not mounted' ]]
	done
	# a sanitizer finds its options in /proc
	requires plain-build
	run -125 --separate-stderr without_proc "$msealctl" exec --via=ptrace -- "$helpers/trymut"
	assert_output ''
	[[ $stderr == *': cannot seal: it cannot be traced: /proc is not mounted' ]]
}

# As emulators of user mode have it, whose rows overlap.
@test "a table of mappings that Linux does not write: the shim refuses, and says so" {
	# a sanitizer looks there as well
	requires plain-build root program:unshare
	unshare -m true || skip "no mounts here"
	printf '%s\n' '1000-2000 r-xp 00000000 00:00 0' '1000-2000 r-xp 00000000 00:00 0' >"$BATS_TEST_TMPDIR/maps"
	# shellcheck disable=SC2016 # for the other shell
	run -125 --separate-stderr unshare -m bash -c 'mount --bind "$0" /proc/$$/maps && exec "$@"' \
		"$BATS_TEST_TMPDIR/maps" "$msealctl" exec --via=preload -- "$helpers/trymut"
	assert_output ''
	assert_stderr "msealctl: cannot seal: /proc/self/maps is not as Linux writes it"
}

@test "exec traces nothing in a PID namespace that has no /proc of its own" {
	requires root program:unshare
	unshare --pid --fork true || skip "no PID namespaces here"
	run -125 --separate-stderr unshare --pid --fork sh -c '"$1" exec --via=ptrace -- "$2"; exit $?' _ "$msealctl" "$helpers/trymut"
	assert_output ''
	assert_stderr "msealctl: $helpers/trymut: cannot seal: it cannot be traced: /proc is that of another PID namespace"
	run -1 --separate-stderr unshare --pid --fork sh -c '"$1" attach 1; exit $?' _ "$msealctl"
	[[ $stderr == "msealctl: /proc is that of another PID namespace"* ]]
	run -0 unshare --pid --fork sh -c '"$1" exec -- "$2"; exit $?' _ "$msealctl" "$helpers/trymut"
}

@test "a variable that is there twice: ld.so heeds the last, and so do we" {
	requires program:gcc
	gcc -o "$BATS_TEST_TMPDIR/twice" -x c - <<-'END'
		#include <unistd.h>
		int main(int argc, char **argv)
		{
			char *envp[] = { "LD_PRELOAD=", "LD_PRELOAD=libm.so.6", NULL };

			(void)argc;
			return execve(argv[1], argv + 1, envp);
		}
	END
	run -0 "$BATS_TEST_TMPDIR/twice" "$msealctl" exec -- "$helpers/trymut"
	run -0 --separate-stderr "$BATS_TEST_TMPDIR/twice" "$msealctl" exec -- /usr/bin/env
	assert_output "LD_PRELOAD=
LD_PRELOAD=libm.so.6"
}

# setproctitle(3) of a dozen programs: a title goes over argv and environ, one block
@test "exec leaves a program as much room for its title as it has without" {
	requires program:gcc
	gcc -o "$BATS_TEST_TMPDIR/room" -x c - <<-'END'
		#include <stdio.h>
		#include <string.h>

		extern char **environ;

		int main(int argc, char **argv)
		{
			char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;

			for (int i = 0; environ[i]; i++)
				if (environ[i] == end)
					end += strlen(end) + 1;
			printf("%d\n", (int)(end - argv[0]));
		}
	END
	for preload in libm.so.6 ''; do
		export LD_PRELOAD=$preload
		[[ $preload ]] || unset LD_PRELOAD
		plain=$(env -u _ "$BATS_TEST_TMPDIR/room")
		for options in --via=preload --via=ptrace --follow-dlopen; do
			run -0 env -u _ "$msealctl" exec "$options" -- "$BATS_TEST_TMPDIR/room"
			assert_output "$plain"
		done
	done
}

@test "a program that is not understood is refused, not left out" {
	cp "$helpers/trymut" "$BATS_TEST_TMPDIR/odd"
	# e_ident[EI_VERSION], which the kernel and ld.so do not look at in a program
	printf '\0' | dd of="$BATS_TEST_TMPDIR/odd" bs=1 seek=6 conv=notrunc status=none
	for way in preload ptrace; do
		run -125 --separate-stderr msealctl exec --via="$way" -- "$BATS_TEST_TMPDIR/odd"
		assert_output ''
		[[ $stderr == *"ELF headers"*"not understood"* ]] || fail "$stderr"
	done
}
