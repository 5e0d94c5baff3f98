#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

setup() {
	requires mseal ptrace
	start "$helpers/victim"
}

@test "check exits 3 with the rows that are not sealed, or 0 with none" {
	requires private-proc
	run -3 --separate-stderr msealctl check -n -r -o CLASS,SEALED --seal=text:@exe,relro:@exe "$pid"
	assert_equal "$(sort <<<"$output")" $'relro no\ntext no'
	refute_stderr
	run -0 msealctl attach --seal=text:@exe "$pid"
	run -3 msealctl check -n -r -o CLASS,SEALED --seal=text:@exe,relro:@exe "$pid"
	assert_output 'relro no'
	run -0 msealctl attach "$pid"
	run -0 --separate-stderr msealctl check "$pid"
	assert_output --regexp "^$pid victim: [0-9]+ sealed$"
	refute_stderr
	run -0 msealctl check -r "$pid"
	assert_output ''
}

@test "the default selection of check is that of the commands that seal" {
	run -0 msealctl attach "$pid"
	run -0 msealctl check "$pid"
	run -0 msealctl check --seal=text,rodata,relro "$pid"
	run -3 msealctl check --seal=text,rodata,relro,data "$pid"
	run -0 msealctl check --seal=text,rodata,relro,data --exclude=data "$pid"
}

@test "check counts a region that is sealed in part as not sealed" {
	middle=$(printf '0x%x' $((start_of[anon-ro] + page)))
	run -0 msealctl attach --seal="${start_of[anon-ro]}-$middle" "$pid"
	run -0 msealctl check --seal="${start_of[anon-ro]}-$middle" "$pid"
	run -3 msealctl check --seal="${start_of[anon-ro]}-${end_of[anon-ro]}" "$pid"
}

@test "check exits 3 for a term that matches in no process, 1 for an empty class" {
	local other=$pid

	start_shell
	run -0 msealctl attach "$other" "$pid"
	run -3 --separate-stderr msealctl check -q --seal=text,text:nothing "$other" "$pid"
	assert_stderr "msealctl: --seal: 'text:nothing' matches nothing in any of the processes"
	run -0 --separate-stderr msealctl check --seal=text:victim,relro:bash "$other" "$pid"
	refute_stderr
	run -1 --separate-stderr msealctl check --seal=text,shm "$pid"
	assert_stderr "msealctl: $pid: --seal: 'shm' matches nothing"
	run -3 --separate-stderr msealctl check -q --seal=text --exclude=text "$pid"
	assert_stderr "msealctl: $pid: nothing is selected"
}

@test "check of several processes: the worst status wins, 1 over 3" {
	first=$pid
	run -0 msealctl attach "$first"
	start "$helpers/victim"
	run -3 msealctl check "$first" "$pid"
	run -3 msealctl check "$pid" "$first"
	run -1 msealctl check "$pid" 4194305
	run -1 msealctl check 4194305 "$first"
	run -0 msealctl check "$first" "$first"
}

@test "check changes nothing" {
	run -3 msealctl check --seal=all "$pid"
	assert_equal "$(sealed_count "$pid")" 0
}

@test "check --quiet answers by the status alone" {
	run -3 --separate-stderr msealctl check --quiet "$pid"
	assert_output ''
	refute_stderr
}

@test "check --json has the rows that are not sealed, a verdict for each process and in all" {
	requires program:jq private-proc
	run -3 msealctl check --json --seal=text:@exe "$pid"
	run -0 jq -c '[.regions[] | .sealed], .verdict, (.processes[] | .pid, .command, .verdict, .unsealed)' <<<"$output"
	assert_output "[false]
\"unsealed\"
$pid
\"victim\"
\"unsealed\"
1"
	run -0 msealctl attach "$pid"
	run -0 msealctl check --json "$pid"
	assert_equal "$(jq -c '[.regions, .verdict, [.processes[] | .verdict, .unsealed, .remedies]]' <<<"$output")" \
		'[[],"sealed",["sealed",0,[]]]'
	run -1 --separate-stderr msealctl check --json "$pid" 4194305
	assert_equal "$(jq -c '[.verdict, (.processes[] | .verdict)]' <<<"$output")" \
		'["unreadable","sealed","unreadable"]'
	# "sealed" is that of status 0 alone
	run -3 --separate-stderr msealctl check --json --seal=text,text:no "$pid"
	assert_equal "$(jq -c '[.verdict, (.processes[] | .verdict)]' <<<"$output")" '["unsealed","sealed"]'
	start_shell
	run -0 msealctl attach -q "$pid"
	run -1 --separate-stderr msealctl check --json --seal=text,shm "$pid"
	assert_equal "$(jq -c '[.verdict, (.processes[] | .verdict)]' <<<"$output")" '["unsealed","unsealed"]'
}

@test "check --json escapes what a process is called" {
	requires program:jq
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/"$'a"\\\n\xff'
	start "$BATS_TEST_TMPDIR/"$'a"\\\n\xff'
	run -3 msealctl check --json "$pid"
	run -0 jq -r '.processes[].command' <<<"$output"
	assert_output $'a"\\\n\\xff'
}

@test "check of several processes ends with their number" {
	local other=$pid

	start_shell
	run -0 msealctl attach -q "$other"
	run -3 msealctl check --summary "$pid" "$other"
	assert_equal "${lines[-1]}" "2 processes: 1 sealed, 1 unsealed, 0 unreadable"
}

# A program that on "relro" and "text" makes its own writable, on "load" loads an
# object, and on "stay" one that can never be closed.
start_loader() {
	requires program:gcc private-proc program:jq
	cd "$BATS_TEST_TMPDIR" || return
	echo 'int number = 1;' >plugin.c
	gcc -shared -fPIC -Wl,-z,norelro -o plugin.so plugin.c
	gcc -shared -fPIC -o dependency.so plugin.c
	echo 'int other;' | gcc -shared -fPIC -Wl,-z,nodelete,--no-as-needed,-rpath,"$PWD" \
		-o permanent.so -x c - -x none ./dependency.so
	gcc -o loader -fPIE -pie -Wl,-z,relro,-z,now -x c - <<-'END'
		#include <dlfcn.h>
		#include <stdint.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/mman.h>
		#include <unistd.h>

		static const char *const table[4 * 65536 / sizeof(char *)] = { "relocated" };

		static void open_page(uintptr_t address, int protection)
		{
			uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);

			if (mprotect((void *)((address + size) & -size), size, protection) != 0)
				perror("mprotect");
		}

		__attribute__((aligned(8192))) int main(void)
		{
			char line[64];

			puts("ready");
			fflush(stdout);
			while (fgets(line, sizeof(line), stdin)) {
				if (strcmp(line, "relro\n") == 0)
					open_page((uintptr_t)table, PROT_READ | PROT_WRITE);
				else if (strcmp(line, "text\n") == 0)
					open_page((uintptr_t)main - sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE | PROT_EXEC);
				else if (!dlopen(strcmp(line, "stay\n") == 0 ? "./permanent.so" :
									       "./plugin.so", RTLD_NOW))
					puts(dlerror());
				puts("done");
				fflush(stdout);
			}
			return 0;
		}
	END
	start ./loader
}

# remedies [OPTION...]: the kinds of them that check has for $pid
remedies() { msealctl check --json "$@" "$pid" | jq -r '.processes[].remedies[] | .kind'; }

@test "check names the remedy of each kind of shortfall once" {
	start_loader
	run -0 remedies
	assert_output never-sealed
	say relro
	say text
	run -0 remedies
	assert_output 'never-sealed
relro-writable
text-relocations'
	run -3 msealctl check "$pid"
	assert_line --regexp '^[0-9]+ never sealed: attach to it, or start it by msealctl exec$'
	assert_line '1 RELRO still writable: check again; then --exclude=relro or relink with -z now'
	assert_line '1 writable against its headers: check again, or rebuild with -fPIC'
	refute_output --regexp $'(^|\n)[0-9]+ [^\n]{78}'
}

@test "check tells an object loaded since from what was never selected, and one without RELRO" {
	start_loader
	run -0 msealctl attach -q "$pid"
	say load
	run -0 remedies
	assert_output 'dlopened
no-relro'
	run -3 msealctl check "$pid"
	assert_line --regexp '^[0-9]+ loaded since: attach again, exec --follow-dlopen or --exclude=dlopened$'
	assert_line '1 no RELRO: relink with -z relro -z now'
	run -0 msealctl check --exclude=dlopened "$pid"
	assert_output --regexp "^$pid loader: [0-9]+ sealed$"
	run -0 remedies --seal=stack
	assert_output new
	run -3 msealctl check --seal=stack "$pid"
	assert_line '1 not sealed with the rest: attach again, with this --seal'
}

@test "check says that an object which stays was loaded since, and names it before what it needs" {
	start_loader
	run -0 msealctl attach -q "$pid"
	say stay
	run -3 msealctl check --json "$pid"
	assert_equal "$(jq -r '.processes[].remedies[] | .kind, .object' <<<"$output")" "loaded
$PWD/permanent.so"
	run -3 msealctl check --exclude=dlopened "$pid"
	assert_line --regexp '^[0-9]+ loaded since, to stay: attach again, or exec --follow-dlopen$'
}

@test "check tells to attach with this --seal only where one was given" {
	requires program:jq private-proc
	run -0 msealctl attach -q --seal=text "$pid"
	run -3 msealctl check "$pid"
	assert_line --regexp '^[0-9]+ not sealed with the rest: attach again$'
	run -3 msealctl check --json "$pid"
	assert_equal "$(jq -r '.processes[].remedies[].remedy' <<<"$output")" 'attach again'
	run -3 msealctl check --json --seal=text,rodata "$pid"
	assert_equal "$(jq -r '.processes[].remedies[].remedy' <<<"$output")" 'attach again, with this --seal'
}

@test "no process of msealctl is left when it has ended" {
	requires_python ctypes
	start_shell
	# a subreaper gets those that are; 36 is its prctl(2), 0x40000000 is __WALL
	for command in "attach -q" "check -q" "show -q" "list -q"; do
		[[ $command == list* ]] || command+=" $pid"
		# shellcheck disable=SC2086 # words
		run -0 "$python" -c 'import ctypes, os, sys
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
pid, ended = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), []
try:
    while True: ended.append(os.waitpid(-1, 0x40000000)[0])
except ChildProcessError: print(ended == [pid])' "$msealctl" $command
		assert_output True
	done
}

@test "check --json names a process that is unreadable" {
	requires program:jq
	start_zombie
	run -1 --separate-stderr msealctl check --json "$pid"
	run -0 jq -c '.processes[] | .command, .verdict' <<<"$output"
	assert_output $'"python3"\n"unreadable"'
}
