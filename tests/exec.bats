#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

# A leak sanitizer stops its program with ptrace, which a traced start does as well.
setup() {
	requires mseal shim
	export ASAN_OPTIONS=detect_leaks=0
}

# A program that does not do what it is to do: to be called $1, a copy of true.
copy_of_true() {
	cp "$(type -P true)" "$BATS_TEST_TMPDIR/$1"
	program=$BATS_TEST_TMPDIR/$1
}

script() {
	program=$BATS_TEST_TMPDIR/script
	printf '%s\n' "$@" >"$program"
	chmod +x "$program"
}

assert_refused() {
	run "-$1" --separate-stderr msealctl exec -- "$program"
	assert_output ''
	assert_stderr "$2"
}

@test "exec seals what was selected before main, by both oracles" {
	start "$msealctl" exec --seal=text,relro -- "$helpers/victim"
	assert_place_sealed text
	assert_place_open rodata
	assert_place_open data
	run -0 "$helpers/sealrows" "$pid" text relro
	refute_output --partial ' open '
}

@test "the default selection of exec is text, rodata and relro" {
	start "$msealctl" exec "$helpers/victim"
	assert_place_sealed rodata
	run -0 "$helpers/sealrows" "$pid"
}

@test "every forbidden operation is refused on every object" {
	run -0 msealctl exec --seal=text,relro -- "$helpers/trymut"
	refute_output --partial ' open '
	refute_output --partial =ok
}

@test "exec seals stack, heap, data and ranges by name" {
	start "$msealctl" exec --seal=stack,data:@exe -- "$helpers/victim"
	assert_place_sealed stack
	assert_place_sealed data
	assert_place_open heap
}

@test "exec --exclude leaves out what it names" {
	start "$msealctl" exec --seal=text --exclude=text:@exe -- "$helpers/victim"
	assert_place_open text
	run -0 msealctl check --seal=text:libc.so.6 "$pid"
}

@test "exec keeps the pid" {
	run -0 bash -c 'echo "$$"; exec "$1" exec -- bash -c "echo \$\$"' _ "$msealctl"
	assert_equal "${lines[0]}" "${lines[1]}"
}

@test "exec passes the program's own exit status and signals" {
	for status in 0 1 3 42 125 127; do
		run "-$status" --separate-stderr msealctl exec -- bash -c "exit $status"
		refute_stderr
	done
	run -143 msealctl exec -- bash -c 'kill -TERM $$'
}

@test "exec passes arguments and standard streams as they are" {
	run -0 --separate-stderr msealctl exec -- printf '<%s>\n' '' 'a b' $'new\nline' --seal -v
	assert_output $'<>\n<a b>\n<new\nline>\n<--seal>\n<-v>'
	refute_stderr
	run -0 msealctl exec cat <<<'its input'
	assert_output 'its input'
}

@test "the options of exec end at the first word that is none" {
	run -0 msealctl exec --seal=text echo --seal=nonsense -n
	assert_output -- '--seal=nonsense -n'
}

@test "exec passes open files and ignored signals as without msealctl" {
	list='ls -l /proc/self/fd | sed "s/.* \([0-9]*\) -> /\1 /; /proc/d" | wc -l'
	plain=$(bash -c "$list" 3>&-)
	assert_equal "$("$msealctl" exec -- bash -c "$list" 3>&-)" "$plain"
	# SIGINT and SIGHUP ignored, SIGUSR1 not
	run -0 bash -c 'trap "" INT HUP
		grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status
		exec "$1" exec -- grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status' _ "$msealctl"
	assert_equal "${lines[*]:0:3}" "${lines[*]:3:3}"
}

@test "exec leaves the capabilities of the program" {
	plain=$(grep ^Cap /proc/self/status)
	run -0 msealctl exec -- grep ^Cap /proc/self/status
	assert_output "$plain"
}

@test "exec leaves the program's environment" {
	plain=$(env -u _ A=1 env | grep -v ^_=)
	run -0 env -u _ A=1 "$msealctl" exec -- env
	assert_output "$plain"
	# also in /proc/self/environ nothing says where the shim is
	run -0 msealctl exec -- bash -c 'tr "\0" "\n" </proc/$$/environ | grep -c MSEALCTL_SHIM || :'
	assert_output 0
}

@test "exec keeps the user's LD_PRELOAD, which comes first" {
	libm=$(ldconfig -p | awk '/libm\.so\.6.*(x86-64|AArch64|double-float)/ { print $NF; exit }')
	run -0 env LD_PRELOAD="$libm" "$msealctl" exec -- bash -c 'echo "$LD_PRELOAD"; grep -c "libm\.so" /proc/$$/maps'
	assert_line --index 0 "$libm"
	refute_line --index 1 0
	refute_output --partial libmsealctl
}

@test "exec seals children with --inherit alone" {
	run -3 msealctl exec -- sh -c '"$1"; exit $?' _ "$helpers/trymut"
	run -0 msealctl exec --inherit -- sh -c '"$1"; exit $?' _ "$helpers/trymut"
	run -0 msealctl exec --inherit -- sh -c 'sh -c "\"$1\"; exit \$?"; exit $?' _ "$helpers/trymut"
}

@test "exec -v says what was sealed" {
	run -0 --separate-stderr msealctl exec -v --seal=text:@exe -- true
	[[ $stderr =~ ^'msealctl: sealed 0x'[0-9a-f]+-0x[0-9a-f]+' (text of '[^$'\n']*/true')'$ ]]
}

# refuses_miss WAY OPTION TERM: TERM of OPTION matches nothing, so true is not run
refuses_miss() {
	run -125 --separate-stderr msealctl exec -q --via="$1" --seal=text "$2=text:@exe,$3" -- echo ran
	assert_output ''
	[[ $stderr == 'msealctl: '*"cannot seal: $2: '$3' matches nothing" ]] || fail "$stderr"
	run -0 --separate-stderr msealctl exec --best-effort --via="$1" --seal=text "$2=text:@exe,$3" -- echo ran
	assert_output ran
	[[ $stderr == "msealctl: warning: $2: '$3' matches nothing"* ]] || fail "$stderr"
}

# bats test_tags=no-uml
@test "exec does not run a program if a glob, a name or a range matches nothing" {
	requires ptrace
	for way in preload ptrace; do
		for term in text:libnothing* name:nothing 0x10000-0x20000; do
			refuses_miss "$way" --seal "$term"
			refuses_miss "$way" --exclude "$term"
		done
	done
}

# bats test_tags=no-uml
@test "exec warns of a class that is empty at the start" {
	requires ptrace
	for way in preload ptrace; do
		run -0 --separate-stderr msealctl exec --via="$way" --seal=text,shm -- true
		assert_stderr "msealctl: warning: --seal: 'shm' matches nothing"
		run -0 --separate-stderr msealctl exec -q --via="$way" --seal=text,shm -- true
		refute_stderr
		run -0 --separate-stderr msealctl exec --via="$way" --exclude=shm,dlopened -- true
		refute_stderr
	done
}

# bats test_tags=no-uml
@test "exec does not run a program of which nothing is selected" {
	requires ptrace
	for way in preload ptrace; do
		for lists in --seal=shm --exclude=all; do
			run -125 --separate-stderr msealctl exec -q --via="$way" "$lists" -- echo ran
			assert_output ''
			[[ $stderr == 'msealctl: '*'cannot seal: nothing is selected' ]] || fail "$stderr"
			run -0 --separate-stderr msealctl exec --best-effort --via="$way" "$lists" -- echo ran
			assert_output ran
			[[ $stderr == 'msealctl: warning: '*'nothing is selected' ]] || fail "$stderr"
		done
	done
}

@test "an exclusion matches what is there, selected or not" {
	run -0 --separate-stderr msealctl exec --seal=text --exclude=data:@exe,data:true -- true
	refute_stderr
}

# bats test_tags=no-uml
@test "the lists are for the program, and not for the env(1) that a script names" {
	requires ptrace
	script '#!/usr/bin/env bash' "exit 5"
	for options in '' --inherit; do
		for way in preload ptrace; do
			# shellcheck disable=SC2086 # none, or one word
			run -5 --separate-stderr msealctl exec $options --via="$way" --seal=text,relro:bash -- "$program"
			refute_stderr
		done
	done
}

@test "exec exits 127 for a program that is not found" {
	# without the folders that this user may not search: those are "permission denied"
	PATH=/usr/bin:/bin run -127 --separate-stderr msealctl exec -- no-such-command-here
	assert_stderr 'msealctl: no-such-command-here: cannot run: No such file or directory'
	run -127 msealctl exec -- "$BATS_TEST_TMPDIR/nope"
	run -127 msealctl exec -- ''
	script '#!/no/such/interpreter'
	assert_refused 127 "msealctl: $program: its interpreter /no/such/interpreter: cannot run: No such file or directory"
	script '#!/usr/bin/env no-such-command-here'
	assert_refused 127 "msealctl: $program: its interpreter no-such-command-here: cannot run: No such file or directory"
	script "#!$BATS_TEST_TMPDIR"
	assert_refused 126 "msealctl: $program: its interpreter $BATS_TEST_TMPDIR: cannot run: Is a directory"
	script '#!/no/such/interpreter'
	PATH=$BATS_TEST_TMPDIR:$PATH run -127 --separate-stderr msealctl exec -- script
	assert_stderr "msealctl: $program: its interpreter /no/such/interpreter: cannot run: No such file or directory"
}

# bats test_tags=no-uml
@test "exec exits 126 for a program that cannot be run" {
	program=$BATS_TEST_TMPDIR
	assert_refused 126 "msealctl: $program: cannot run: Is a directory"
	copy_of_true noexec
	chmod -x "$program"
	assert_refused 126 "msealctl: $program: cannot run: Permission denied"
	head -c 100 "$(type -P true)" >"$BATS_TEST_TMPDIR/short"
	chmod +x "$BATS_TEST_TMPDIR/short"
	program=$BATS_TEST_TMPDIR/short
	assert_refused 126 "msealctl: $program: cannot run: Exec format error"
	script "#!$BATS_TEST_TMPDIR/script"
	assert_refused 126 "msealctl: $program: cannot run: Too many levels of symbolic links"
}

@test "exec does not run a program that this kernel does not let it trace" {
	grep -q 'User Mode Linux' /proc/cpuinfo || skip "for a kernel without PTRACE_GET_SYSCALL_INFO"
	run -125 --separate-stderr msealctl exec --via=ptrace -- echo ran
	assert_output ''
	[[ $stderr == 'msealctl: '*': cannot seal: this kernel has no PTRACE_GET_SYSCALL_INFO' ]] || fail "$stderr"
	run -0 --separate-stderr msealctl exec --best-effort --via=ptrace -- echo ran
	assert_output ran
}

@test "exec searches PATH as execvp does" {
	mkdir "$BATS_TEST_TMPDIR"/{first,second}
	cp "$(type -P true)" "$BATS_TEST_TMPDIR/first/it"
	chmod -x "$BATS_TEST_TMPDIR/first/it"
	PATH=$BATS_TEST_TMPDIR/first run -126 "$msealctl" exec -- it
	printf '#!/bin/sh\nexit 9\n' >"$BATS_TEST_TMPDIR/second/it"
	chmod +x "$BATS_TEST_TMPDIR/second/it"
	PATH=$BATS_TEST_TMPDIR/first:$BATS_TEST_TMPDIR/second:/bin run -9 "$msealctl" exec -- it
}

@test "exec --via=preload refuses a static program, and a script for one" {
	program=$(type -P ldconfig /sbin/ldconfig | head -n 1)
	reason="msealctl: $program: cannot seal: it is statically linked: no loader will load the shim"
	run -125 --separate-stderr msealctl exec --via=preload -- "$program"
	assert_stderr "$reason"
	script "#!$program"
	run -125 --separate-stderr msealctl exec --via=preload -- "$BATS_TEST_TMPDIR/script"
	assert_output ''
	assert_stderr "$reason"
}

@test "exec exits 125 for an ELF class that the kernel does not look at" {
	copy_of_true elf32
	printf '\001' | dd of="$program" bs=1 seek=4 conv=notrunc status=none
	assert_refused 125 "msealctl: $program: cannot seal: its ELF class is not that of its machine"
}

@test "exec follows a script to its interpreter" {
	script '#!/bin/sh' 'exit 5'
	run -5 --separate-stderr msealctl exec -- "$program"
	refute_stderr
	script '#!/usr/bin/env bash' "exec $helpers/trymut"
	run -3 msealctl exec -- "$program"
	run -0 msealctl exec --inherit -- "$program"
	script 'exit 6'
	run -6 msealctl exec -- "$program"
}

@test "exec has the shell run a script whose interpreter is cut off or not named, as execvp(3)" {
	local line length expected

	for line in '#!' '#! ' "#!$(printf '/%.0s' {1..300})bin/bash"; do
		script "$line" 'exit 6'
		run -6 env "$program"
		run -6 --separate-stderr msealctl exec -- "$program"
		refute_stderr
	done
	# up to the last byte that the kernel looks at
	for length in 252 253 254; do
		script "#!$(printf "%0$((length - 8))d" 0 | tr 0 /)bin/bash" 'exit 6'
		expected=0
		env "$program" || expected=$?
		run "-$expected" msealctl exec -- "$program"
	done
}

@test "exec has the shell run what is no ELF object and has no #! line, sealed, unless it has a NUL" {
	local sealed='grep -c "^VmFlags:.* sl" /proc/$$/smaps'

	script "$sealed"
	run -0 --separate-stderr msealctl exec -- "$program"
	refute_stderr
	((output > 0))
	printf '%s\n%300s\0' "$sealed" '' >"$program"
	run -0 msealctl exec -- "$program"
	printf '%s \0' "$sealed" >"$program"
	assert_refused 126 "msealctl: $program: cannot run: Exec format error"
}

@test "exec refuses a script for env that decides what is preloaded or found" {
	for assignment in LD_PRELOAD=libm.so.6 PATH=/tmp LD_AUDIT= MSEALCTL_SHIM_SEAL=stack; do
		script "#!/usr/bin/env -S A=1 $assignment bash" 'echo ran'
		assert_refused 125 "msealctl: $program: cannot seal: what env(1) will run from its #! line is not known"
	done
}

@test "exec seals the env of a script itself" {
	script '#!/usr/bin/env bash' 'echo "pid $$"; echo ready; read -r'
	start "$msealctl" exec -- "$program"
	run -0 "$helpers/sealrows" "$pid"
}

@test "exec works from an installed copy, of which uninstall leaves nothing" {
	requires program:make
	cd "$BATS_TEST_TMPDIR" || return
	as_make() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$TOP_BUILDDIR" DESTDIR="$PWD/to" "$@" 3>&-; }
	as_make install
	# it looks beside itself, as its own prefix is not where it is now
	mkdir there
	cp "$(dirname "$(find to -name libmsealctl.so)")"/* "$(find to -path '*/bin/msealctl')" there
	run -0 there/msealctl exec --via=preload -- "$helpers/trymut"
	run -0 there/msealctl exec --via=preload --follow-dlopen -- "$helpers/trymut"
	as_make uninstall
	assert_equal "$(find to ! -type d)" ''
}

# bats test_tags=no-uml
@test "exec refuses a shim that is not there, or whose path ld.so splits or expands" {
	requires ptrace
	for dir in "a b" a:b; do
		mkdir "$BATS_TEST_TMPDIR/$dir"
		cp "$msealctl" "$shim" "$BATS_TEST_TMPDIR/$dir"
		run -125 --separate-stderr "$BATS_TEST_TMPDIR/$dir/msealctl" exec --via=preload -- true
		assert_stderr "msealctl: $(type -P true): cannot seal: the shim $BATS_TEST_TMPDIR/$dir/libmsealctl.so cannot be preloaded: ld.so would split its path at a space or colon"
		start "$BATS_TEST_TMPDIR/$dir/msealctl" exec -- "$helpers/victim"
		run -0 "$helpers/sealrows" "$pid"
	done
	mkdir "$BATS_TEST_TMPDIR/a\$LIB"
	cp "$msealctl" "$shim" "$BATS_TEST_TMPDIR/a\$LIB"
	run -125 --separate-stderr "$BATS_TEST_TMPDIR/a\$LIB/msealctl" exec --via=preload -- true
	assert_stderr "msealctl: $(type -P true): cannot seal: the shim $BATS_TEST_TMPDIR/a\$LIB/libmsealctl.so cannot be preloaded: ld.so would expand a \$ in its path"
	copy_alone
	run -125 --separate-stderr "$alone" exec --via=preload -- true
	[[ $stderr == *'cannot be preloaded: No such file or directory' ]]
	run -0 "$alone" exec -- "$helpers/trymut"
}

@test "exec exits 125 for bad lists and words, and runs nothing" {
	for option in --seal=nope --seal= --exclude=nope --types=nope --via=pre; do
		run -125 --separate-stderr msealctl exec "$option" -- touch "$BATS_TEST_TMPDIR/ran"
		[[ $stderr == "msealctl: "* ]]
		assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
	done
	run -125 --separate-stderr msealctl exec
	assert_stderr 'msealctl: exec: no command given'
}

@test "exec does not start a program whose seccomp filter denies mseal" {
	run -125 --separate-stderr "$helpers/noseal" eperm "$msealctl" exec -- touch "$BATS_TEST_TMPDIR/ran"
	assert_stderr 'msealctl: cannot seal: a seccomp filter denies mseal(2)'
	assert [ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

# The linker exports what a library has a function of that name for.
@test "functions of the program that are called like those of libc do not get in the way" {
	requires program:gcc
	gcc -w -fno-builtin -rdynamic -o "$BATS_TEST_TMPDIR/program" -x c - <<-'END'
		#include <stdio.h>

		#define OWN(name) long name(void) { return 0; }
		OWN(close) OWN(getpid) OWN(memchr) OWN(memcmp) OWN(mprotect) OWN(open) OWN(prctl)
		OWN(process_vm_readv) OWN(read) OWN(strchr) OWN(strlen) OWN(syscall) OWN(write)

		int main(void)
		{
			puts("ready");
			fflush(stdout);
			return getchar() == EOF ? 7 : 1;
		}
	END
	for option in '' --follow-dlopen; do
		# shellcheck disable=SC2086 # none, or one word
		launch "$msealctl" exec $option -- "$BATS_TEST_TMPDIR/program"
		hear
		assert_equal "$heard" ready
		run -0 "$helpers/sealrows" "$pid"
		assert_finishes_with 7
	done
}

# that sanitizer wants address space laid out as it is on a real machine
# bats test_tags=no-uml
@test "exec and a program with a sanitizer that wraps functions of libc" {
	requires program:clang
	echo 'int main(void) { return 7; }' | clang -fsanitize=thread -fPIE -pie -x c -o "$BATS_TEST_TMPDIR/program" - ||
		skip "no thread sanitizer here"
	run -7 --separate-stderr msealctl exec -- "$BATS_TEST_TMPDIR/program"
	refute_stderr
}
