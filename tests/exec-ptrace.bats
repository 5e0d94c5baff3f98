#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec --via=ptrace: what a tracer could disturb, and does not.

load helpers

# A leak sanitizer stops its program with ptrace, which is not to be had in some tests.
setup() {
	requires mseal ptrace
	export ASAN_OPTIONS=detect_leaks=0
}

traced() { "$msealctl" exec --via=ptrace "$@"; }

# compile OUTPUT ARGUMENT...: a C program or object, from standard input
compile() {
	requires program:gcc
	gcc -x c -o "$1" "${@:2}" -
}

# linked_with OBJECT: start.c, as $program
linked_with() {
	program=$BATS_TEST_TMPDIR/program
	gcc -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c" \
		-Wl,--no-as-needed "$1" -Wl,-rpath,"${1%/*}"
}

# A program one of whose libraries waits for a line of input: a start-up that is not over.
waiting_program() {
	compile "$BATS_TEST_TMPDIR/libwaiting.so" -shared -fPIC <<-'END'
		#include <unistd.h>
		__attribute__((constructor)) static void wait_for_line(void)
		{
			char c = 0;

			if (write(1, "waiting\n", 8) != 8)
				_exit(1);
			while (read(0, &c, 1) == 1 && c != '\n')
				;
		}
	END
	linked_with "$BATS_TEST_TMPDIR/libwaiting.so"
}

start_waiting() {
	waiting_program
	launch "$msealctl" exec --via=ptrace -- "$program"
	hear
	assert_equal "$heard" waiting
	tracer=$(awk '/^TracerPid:/ { print $2 }' "/proc/$pid/status")
	assert [ "$tracer" != 0 ]
}

@test "exec --via=ptrace seals, by both oracles" {
	start "$msealctl" exec --via=ptrace --seal=text,relro,stack -- "$helpers/victim"
	assert_place_sealed text
	assert_place_sealed stack
	assert_place_open rodata
	assert_place_open heap
	run -0 "$helpers/sealrows" "$pid" text relro
	run -0 "$msealctl" exec --via=ptrace -- "$helpers/trymut"
	refute_output --partial =ok
}

@test "exec --via=ptrace keeps pid and parent, and leaves no child" {
	run -0 bash -c 'echo "$$ $PPID"; exec "$1" exec --via=ptrace -- bash -c "
		echo \"\$\$ \$PPID\"; read -r child </proc/\$\$/task/\$\$/children; echo \"child:\$child\"; grep ^TracerPid /proc/\$\$/status"' _ "$msealctl"
	assert_equal "${lines[0]}" "${lines[1]}"
	assert_equal "${lines[2]}" child:
	assert_equal "${lines[3]}" $'TracerPid:\t0'
}

@test "exec --via=ptrace passes the program's own exit status and signals" {
	for status in 0 1 3 42 125 127; do
		run "-$status" --separate-stderr traced -- bash -c "exit $status"
		refute_stderr
	done
	run -143 traced -- bash -c 'kill -TERM $$'
	run -127 --separate-stderr traced -- "$BATS_TEST_TMPDIR/nope"
}

@test "exec --via=ptrace says the same of a program that cannot be executed" {
	printf '\177ELF\002\001\001' >"$BATS_TEST_TMPDIR/bad"
	head -c 60 "$(type -P true)" | tail -c +8 >>"$BATS_TEST_TMPDIR/bad"
	chmod +x "$BATS_TEST_TMPDIR/bad"
	run -126 --separate-stderr traced -- "$BATS_TEST_TMPDIR/bad"
	[[ $stderr == *'Exec format error' ]]
}

@test "exec --via=ptrace leaves ignored, blocked and pending signals" {
	requires program:python3
	set_up='import os, signal, sys
for s in signal.SIGTRAP, signal.SIGHUP, signal.SIGCHLD:
    signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTRAP, signal.SIGUSR1, signal.SIGCHLD, signal.SIGSEGV])
os.kill(os.getpid(), signal.SIGUSR1)
os.execvp(sys.argv[1], sys.argv[1:])'
	show=(grep -E '^(Sig|Shd)(Pnd|Blk|Ign)' /proc/self/status)
	plain=$(python3 -c "$set_up" "${show[@]}")
	run -0 python3 -c "$set_up" "$msealctl" exec --via=ptrace -- "${show[@]}"
	assert_output "$plain"
}

@test "a signal during the start by exec --via=ptrace reaches the program" {
	start_waiting
	kill -TERM "$pid"
	assert_finishes_with 143
	for ((i = 0; i < 1000000; i++)); do
		# or is a zombie, where the first process of a container takes nobody's children
		[[ -e /proc/$tracer && $(state_of "$tracer" 2>/dev/null) != [ZX] ]] || return 0
	done
	fail "the tracer is still there"
}

@test "a program that is stopped during its start by exec --via=ptrace goes on later" {
	start_waiting
	kill -STOP "$pid"
	until grep -q '^State:.*[tT]' "/proc/$pid/status"; do :; done
	kill -CONT "$pid"
	printf '\n' >&"$to"
	while hear && [[ $heard != ready ]]; do :; done
	assert_equal "$heard" ready
	run -0 "$helpers/sealrows" "$pid"
	assert_finishes_with 7
}

@test "if the tracer is killed, the program does not run on unsealed" {
	start_waiting
	kill -KILL "$tracer"
	assert_finishes_with 137
	run ! hear
}

@test "exec --via=ptrace: threads that constructors have started go on, and all is sealed" {
	compile "$BATS_TEST_TMPDIR/libthreads.so" -shared -fPIC -pthread <<-'END'
		#include <pthread.h>
		#include <stdatomic.h>
		#include <stdio.h>

		static atomic_int turns;

		static void *turn(void *unused)
		{
			for (;;)
				turns++;
			return unused;
		}

		__attribute__((constructor)) static void start(void)
		{
			pthread_t thread;

			for (int i = 0; i < 2; i++)
				pthread_create(&thread, NULL, turn, NULL);
		}

		/* not before they have run on */
		__attribute__((destructor)) static void end(void)
		{
			int before = turns;

			while (turns == before)
				;
		}
	END
	linked_with "$BATS_TEST_TMPDIR/libthreads.so"
	start "$msealctl" exec --via=ptrace -- "$program"
	run -0 "$helpers/sealrows" "$pid"
	assert_finishes_with 7
}

@test "exec --via=ptrace kills no thread because it cannot be stopped" {
	compile "$BATS_TEST_TMPDIR/libvfork.so" -shared -fPIC <<-'END'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <pthread.h>
		#include <unistd.h>

		static int begun[2], ends[2];

		/* the child ends when the program closes the other end of the pipe: at its own end */
		static void *wait_in_vfork(void *unused)
		{
			char c;

			if (vfork() == 0) {
				if (write(begun[1], "x", 1) != 1)
					_exit(1);
				close(ends[1]);
				_exit((int)read(ends[0], &c, 1));
			}
			return unused;
		}

		__attribute__((constructor)) static void start(void)
		{
			pthread_t thread;
			char c;

			if (pipe2(begun, O_CLOEXEC) != 0 || pipe2(ends, O_CLOEXEC) != 0 ||
			    pthread_create(&thread, NULL, wait_in_vfork, NULL) != 0)
				_exit(1);
			/* until the child is there, which vfork() waits for */
			if (read(begun[0], &c, 1) != 1)
				_exit(1);
		}
	END
	linked_with "$BATS_TEST_TMPDIR/libvfork.so"
	start traced --seal=text -- "$program"
	run -0 "$helpers/sealrows" "$pid" text
	assert_finishes_with 7
}

@test "exec --via=ptrace seals the child of a constructor that goes on in it" {
	# its parent ends in the constructor
	[[ $(uname -m) != riscv64 ]] || skip "without debug registers a program that ends before its entry point is refused"
	for call in 'fork()' 'vfork()' 'syscall(SYS_clone, 0, 0, 0, 0, 0)' \
		'syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0)'; do
		forking_program "$call"
		run -3 "$program"
		run -0 --separate-stderr traced -- "$program"
		refute_stderr
		# the child cannot be sealed, and neither of them runs
		run -125 --separate-stderr traced --seal='text:libnone*' -- "$program"
		assert_output ''
		assert_stderr "msealctl: $program: cannot seal: --seal: 'text:libnone*' matches nothing"
	done
}

@test "exec --via=ptrace --best-effort runs what a constructor has forked" {
	for call in 'fork()' 'vfork()'; do
		forking_program "$call"
		run -3 --separate-stderr traced --best-effort --seal='text:libnone*' -- "$program"
		[[ $stderr == "msealctl: warning: "*"matches nothing"* ]]
	done
}

@test "exec --via=ptrace copes with a filter that a constructor installs" {
	compile "$BATS_TEST_TMPDIR/libfilter.so" -shared -fPIC <<-'END'
		#include <linux/filter.h>
		#include <linux/seccomp.h>
		#include <stddef.h>
		#include <sys/prctl.h>
		#include <unistd.h>

		__attribute__((constructor)) static void install(void)
		{
			/* 462 is mseal */
			struct sock_filter code[] = {
				BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
				BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 462, 0, 1),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
			};
			struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
				_exit(1);
		}
	END
	linked_with "$BATS_TEST_TMPDIR/libfilter.so"
	run --separate-stderr traced -- "$program" </dev/null
	# as root, or with that capability, it can be suspended
	[[ $status == 7 || ($status == 125 && $stderr == *"seccomp filter"*) ]] || fail "$status: $stderr"
	((EUID != 0)) || assert_equal "$status" 7
	run -7 traced --best-effort -- "$program" </dev/null
}

@test "exec --via=ptrace follows the system calls where there are no debug registers" {
	requires root
	run -0 "$helpers/nocall" pokeuser "$msealctl" exec --via=ptrace -- "$helpers/trymut"
	start "$helpers/nocall" pokeuser "$msealctl" exec --via=ptrace -- "$helpers/victim"
	run -0 "$helpers/sealrows" "$pid"
	! type -P musl-gcc || {
		musl-gcc -o "$BATS_TEST_TMPDIR/musl" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
		start "$helpers/nocall" pokeuser "$msealctl" exec -- "$BATS_TEST_TMPDIR/musl"
		run -0 "$helpers/sealrows" "$pid"
		assert_finishes_with 7
	}
}

@test "exec refuses what must be traced where nothing can be traced" {
	program=$(type -P ldconfig /sbin/ldconfig | head -n 1)
	run -125 --separate-stderr "$helpers/nocall" ptrace "$msealctl" exec -- "$program" --version
	assert_output ''
	[[ $stderr == "msealctl: $program: cannot seal: it is statically linked: no loader will load the shim; and it cannot be traced: "* ]]
	run -125 --separate-stderr "$helpers/nocall" ptrace "$msealctl" exec --via=ptrace -- true
	[[ $stderr == *': cannot seal: '*'it cannot be traced: '* ]]
	run -0 --separate-stderr "$helpers/nocall" ptrace "$msealctl" exec --best-effort -- "$program" --version
	assert_output
	[[ $stderr == "msealctl: warning: $program: runs unsealed: "* ]]
}

@test "an error of ptrace(2) is reported once, as it is" {
	requires program:gcc
	program=$BATS_TEST_TMPDIR/static
	gcc -static -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	# that of the call is the only message, though the program cannot be made to exit either
	run -137 --separate-stderr "$helpers/nocall" setregs "$msealctl" exec -- "$program" </dev/null
	assert_output ''
	assert_stderr "msealctl: $program: cannot seal: Input/output error"
	start "$helpers/victim"
	run -1 --separate-stderr "$helpers/nocall" setregs "$msealctl" attach -nr -o RESULT,REASON "$pid"
	# elsewhere it fails while a chain is prepared: no call was begun that a row would tell of
	[[ $(uname -m) != x86_64 && ! $output ]] ||
		assert_equal "$(sort -u <<<"$output")" 'failed Input/output\x20error'
	assert_stderr "msealctl: $pid: cannot seal: Input/output error"
	say text
	assert_equal "$heard" 'text ok'
}

@test "exec --via=ptrace refuses to start what is traced already, and names the tracer" {
	requires program:strace
	run -125 --separate-stderr strace -f -o "$BATS_TEST_TMPDIR/trace" "$msealctl" exec --via=ptrace -- true
	[[ $stderr == *': cannot seal: '*'it cannot be traced: already traced by strace (pid '*')' ]]
}

@test "exec --via=ptrace with closed standard streams" {
	run -0 traced -- "$helpers/trymut" <&-
	run -0 bash -c '"$1" exec --via=ptrace -- "$2" >/dev/null 2>&- </dev/null' _ "$msealctl" "$helpers/trymut"
	run -0 bash -c '"$1" exec --via=ptrace -- "$2" >&- 2>&- <&-' _ "$msealctl" "$helpers/trymut"
}

@test "exec --via=ptrace: pipes end when the program ends them" {
	run -0 bash -c '"$1" exec --via=ptrace -- bash -c "exec >&- 2>&-; read -r line" | cat; echo ended' _ "$msealctl" </dev/null
	assert_output ended
}

@test "exec --via=ptrace --inherit: children are sealed by the shim" {
	requires shim
	run -3 traced -- sh -c '"$1"; exit $?' _ "$helpers/trymut"
	run -0 traced --inherit -- sh -c '"$1"; exit $?' _ "$helpers/trymut"
}

@test "exec --via=ptrace seals a program with text relocations after they are done" {
	compile "$BATS_TEST_TMPDIR/textrel" -pie -Wl,-z,notext -Wl,--no-warnings <<-'END' || skip "no text relocations with this linker"
		#include <stdio.h>

		__asm__(".text\nplace: .quad main\n");
		extern int (*place)(void);
		int main(void) { puts(place == main ? "relocated" : "not"); getchar(); return 0; }
	END
	readelf -d "$BATS_TEST_TMPDIR/textrel" | grep -q TEXTREL || skip "no text relocations with this linker"
	run -0 traced -- "$BATS_TEST_TMPDIR/textrel" </dev/null
	assert_output relocated
}

@test "exec seals a loader that is run as a program, with what it loads" {
	loader=$(readelf -p .interp "$helpers/victim" | grep -o '/.*')
	for list in text,rodata text,rodata,relro; do
		start traced --seal="$list" -- "$loader" "$helpers/victim"
		# shellcheck disable=SC2086 # words
		run -0 "$helpers/sealrows" "$pid" ${list//,/ }
		assert_output --partial " $helpers/victim"
		assert_finishes_with 0
	done
	run -125 --separate-stderr msealctl exec --via=preload -- "$loader" "$helpers/victim"
	assert_stderr "msealctl: $loader: cannot seal: it is a loader itself: its arguments say what it runs"
}

@test "exec seals musl's loader that is run as a program, with what it loads" {
	local list=text,rodata,relro

	requires program:musl-gcc
	musl-gcc -o "$BATS_TEST_TMPDIR/dynamic" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	loader=$(readelf -p .interp "$BATS_TEST_TMPDIR/dynamic" | grep -o '/.*')
	# where RELRO of its own is a whole page, it leaves that writable
	[[ $(uname -m) == x86_64 ]] || list=text
	start "$msealctl" exec --seal="$list" -- "$loader" "$BATS_TEST_TMPDIR/dynamic"
	run -0 "$helpers/sealrows" "$pid" ${list//,/ }
	assert_output --partial " $BATS_TEST_TMPDIR/dynamic"
	assert_finishes_with 7
}

@test "exec takes no static program for a loader because of its name" {
	requires program:gcc
	gcc -static -o "$BATS_TEST_TMPDIR/my.socket" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	start traced -- "$BATS_TEST_TMPDIR/my.socket"
	run -0 "$helpers/sealrows" "$pid"
	assert_finishes_with 7
}

# What upx makes of a program, as far as can be told from outside.
@test "exec refuses programs that may unpack themselves, or runs them unsealed with a warning" {
	requires program:gcc
	program=$BATS_TEST_TMPDIR/packed
	gcc -static -o "$program" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	# e_shoff, e_shnum and e_shstrndx, elf(5)
	printf '\0\0\0\0\0\0\0\0' | dd of="$program" bs=1 seek=40 conv=notrunc status=none
	printf '\0\0\0\0' | dd of="$program" bs=1 seek=60 conv=notrunc status=none
	reason='it is static and has no section headers, as programs that unpack themselves, which fail if they are sealed'
	for way in auto preload ptrace; do
		run -125 --separate-stderr msealctl exec --via="$way" -- "$program"
		assert_output ''
		assert_stderr "msealctl: $program: cannot seal: $reason"
	done
	run -7 --separate-stderr msealctl exec --best-effort -- "$program" </dev/null
	assert_stderr "msealctl: warning: $program: runs unsealed: $reason"
}

# A 32-bit program of arm, whatever compilers there are: exit(7).
program_of_arm() {
	requires program:python3
	python3 -c 'import struct, sys
code = struct.pack("<3I", 0xe3a00007, 0xe3a07001, 0xef000000)
size = 52 + 32 + len(code) + 40
sys.stdout.buffer.write(
    b"\x7fELF\1\1\1" + bytes(9) +
    struct.pack("<2H5I6H", 2, 40, 1, 0x10054, 52, 84 + len(code), 0x5000000, 52, 32, 1, 40, 1, 0) +
    struct.pack("<8I", 1, 0, 0x10000, 0x10000, size, size, 5, 0x10000) + code + bytes(40))' >"$1"
	chmod +x "$1"
}

@test "exec refuses 32-bit programs of arm, or runs them unsealed with a warning" {
	program=$BATS_TEST_TMPDIR/arm
	reason='it is a 32-bit program, and these cannot be sealed here'
	program_of_arm "$program"
	run "$program"
	[[ $status == 7 && $(uname -m) == aarch64 ]] || skip "programs of arm do not run here"
	for way in auto preload ptrace; do
		run -125 --separate-stderr msealctl exec --via="$way" -- "$program"
		assert_stderr "msealctl: $program: cannot seal: $reason"
	done
	run -7 --separate-stderr msealctl exec --best-effort -- "$program"
	assert_stderr "msealctl: warning: $program: runs unsealed: $reason"
}

# The C library's own start-up files have no landing pads here, so the program does without.
@test "exec lets the loader turn on the check of branches before it seals" {
	grep -qw bti /proc/cpuinfo || skip "this processor checks no branches"
	compile "$BATS_TEST_TMPDIR/guarded" -pie -fPIE -nostartfiles -mbranch-protection=bti \
		-Wl,-z,force-bti -Wl,--no-warnings <<-'END' || skip "no BTI with this compiler"
		#include <stdio.h>
		#include <unistd.h>
		void _start(void)
		{
			printf("pid %d\nready\n", (int)getpid());
			fflush(stdout);
			while (getchar() != EOF)
				;
			_exit(7);
		}
	END
	code_flags() { awk '/^[0-9a-f]+-/ { text = $2 == "r-xp" && $6 ~ /guarded$/ } /^VmFlags/ && text' "/proc/$pid/smaps"; }
	start "$BATS_TEST_TMPDIR/guarded"
	[[ $(code_flags) == *' bt'* ]] || skip "this loader turns on no check of branches"
	for way in auto preload ptrace; do
		start "$msealctl" exec --via="$way" -- "$BATS_TEST_TMPDIR/guarded"
		flags=$(code_flags)
		[[ $flags == *' bt'* && $flags == *' sl'* ]] || fail "$way: $flags"
		assert_finishes_with 7
	done
}

@test "exec --via=ptrace -v says what was sealed" {
	run -0 --separate-stderr traced -v --seal=text:@exe -- true
	[[ $stderr =~ ^'msealctl: sealed 0x'[0-9a-f]+-0x[0-9a-f]+' (text of '[^$'\n']*/true')'$ ]]
}

@test "exec --via=ptrace --best-effort names what cannot be sealed, and runs the program" {
	requires program:musl-gcc
	musl-gcc -static -o "$BATS_TEST_TMPDIR/static" "$BATS_TEST_DIRNAME/fixtures/programs/start.c"
	run -7 --separate-stderr msealctl exec --best-effort -- "$BATS_TEST_TMPDIR/static" </dev/null
	assert_line ready
	[[ $stderr == 'msealctl: warning: cannot seal 0x'*' (relro of '*'): RELRO is still writable
msealctl: hint: its start-up code leaves it so: --exclude=relro seals the rest' ]]
}
