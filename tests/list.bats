#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

setup() {
	requires mseal
	# a leak sanitizer stops its program with ptrace, which is slow with many processes
	export ASAN_OPTIONS=detect_leaks=0
}

# cells LIST: of the row of $pid
cells() { msealctl list -n -r -o "PID,$1" "${@:2}" | sed -n "s/^$pid //p"; }

# counted CLASS: "sealed/all", as show has them
counted() {
	msealctl show -n -r -o SEALED --seal="$1" "$pid" |
		awk '{ n++; sealed += $1 == "yes" } END { print sealed + 0 "/" n + 0 }'
}

@test "list counts each class as show does" {
	requires ptrace
	start "$helpers/victim"
	assert_equal "$(cells STATE)" none
	run -0 msealctl attach -q --seal=text,stack,relro:libc.so* "$pid"
	assert_equal "$(cells STATE)" partial
	for class in text rodata relro data stack heap vdso anon file shm; do
		assert_equal "$class $(cells "${class^^}")" "$class $(counted "$class")"
		assert_equal "$(cells "${class^^}-SEALED,${class^^}-TOTAL")" "$(counted "$class" | tr / ' ')"
	done
	assert_equal "$(cells TEXT)" "$(grep -c ' r-xp .*/' "/proc/$pid/maps" | sed 's,.*,&/&,')"
}

@test "STATE of list is that of the selection" {
	start "$msealctl" exec -- "$helpers/victim"
	assert_equal "$(cells STATE)" full
	assert_equal "$(cells STATE --seal=text,stack)" partial
	assert_equal "$(cells STATE --seal=text,stack --exclude=stack)" full
	assert_equal "$(cells STATE --seal=stack)" none
	assert_equal "$(cells STATE --seal='text:nothing')" none
}

@test "list shows user and command, however odd" {
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/"$'a\nb c'
	start "$BATS_TEST_TMPDIR/"$'a\nb c'
	user=${MSEALCTL_TEST_TARGET_USER:-$(id -un 2>/dev/null || true)}
	assert_equal "$(cells USER,COMMAND)" "$user a\\x0ab\\x20c"
	run -0 bash -c '"$1" list --json | jq -r ".processes[] | select(.pid == $2) | .command"' _ "$msealctl" "$pid"
	assert_output $'a\nb c'
}

@test "list escapes what the locale cannot print, and in --raw all but ASCII" {
	cp "$helpers/victim" "$BATS_TEST_TMPDIR/süß"
	start "$BATS_TEST_TMPDIR/süß"
	run -0 env LC_ALL=C.UTF-8 "$msealctl" list -n -o COMMAND "$pid"
	assert_output --regexp '^süß *$'
	run -0 env LC_ALL=C "$msealctl" list -n -o COMMAND "$pid"
	assert_output --regexp '^s\\xc3\\xbc\\xc3\\x9f *$'
	for locale in C.UTF-8 C; do
		run -0 env LC_ALL=$locale "$msealctl" list -n -r -o COMMAND "$pid"
		assert_output 's\xc3\xbc\xc3\x9f'
	done
}

@test "list --json: numbers are numbers, what is unknown is null" {
	requires program:jq
	start "$helpers/victim"
	run -0 bash -c '"$1" list --json --output-all | jq -c ".processes[] | select(.pid == $2) |
		[.state, (.text | type), (.[\"text-sealed\"] | type), (.[\"text-total\"] > 0)]"' _ "$msealctl" "$pid"
	assert_output '["none","string","number",true]'
}

# kernel_threads: their PIDs; not by awk alone, which gives up at a process that has ended
kernel_threads() {
	cat /proc/[0-9]*/stat 2>/dev/null |
		awk '$9 ~ /^[0-9]+$/ && int($9 / 2097152) % 2 == 1 { print $1 }'
}

@test "list leaves out kernel threads and the dead; another user's process is unreadable" {
	requires root program:setpriv
	start bash -c '(exit 0) & echo "dead $!"; echo "pid $$"; echo ready; exec cat'
	dead=$((start_of[dead]))
	run -0 msealctl list -n -r -o PID
	assert_line "$pid"
	refute_line "$dead"
	# proc_pid_stat(5): PF_KTHREAD in the flags
	while read -r kernel_thread; do
		refute_line "$kernel_thread"
	done < <(kernel_threads)
	run -0 --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups -- \
		"$msealctl" list -n -r -o PID,STATE,TEXT,COMMAND
	assert_line "$pid unreadable - cat"
	refute_stderr
}

@test "list shows the processes of its arguments alone; --quiet prints nothing" {
	start "$helpers/victim"
	run -0 --separate-stderr msealctl list -n -r -o PID "$pid"
	assert_output "$pid"
	run -1 --separate-stderr msealctl list -n -r -o PID 4194305 "$pid"
	assert_output "$pid"
	assert_stderr "msealctl: 4194305: cannot read it: no such process"
	run -1 --separate-stderr msealctl list --seal=nothing
	assert_output ''
	run -0 --separate-stderr msealctl list -q
	assert_output ''
	refute_stderr
	run -0 msealctl list
	assert_line --index 0 --regexp '^ *PID USER +STATE +TEXT +RODATA +RELRO COMMAND$'
}

@test "list has an error for the PID of a zombie, and a reason for what is unreadable" {
	start_zombie
	dead=$pid
	start_shell
	run -1 --separate-stderr msealctl list -n -r -o PID "$dead" "$pid"
	assert_output "$pid"
	assert_stderr "msealctl: $dead: cannot read it: it is a zombie: it has exited, and its parent has not waited for it"
	read -r kernel_thread < <(kernel_threads) || true
	[[ $kernel_thread ]] || return 0
	run -0 --separate-stderr msealctl list -n -r -o PID,STATE "$kernel_thread"
	assert_output "$kernel_thread unreadable"
	assert_stderr "msealctl: warning: $kernel_thread: cannot read it: it is a kernel thread and has no memory of its own"
}

@test "list without /proc says so" {
	# a sanitizer finds its options there
	requires root program:unshare plain-build
	unshare -m true || skip "no mounts here"
	run -1 --separate-stderr unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' _ "$msealctl" list
	[[ $stderr == *'msealctl: /proc is not mounted'* ]]
}

@test "a process that looks like thousands of ELF objects is unreadable, and refused" {
	start "$helpers/flood" 200
	run -0 msealctl list -n -r -o PID,STATE,TEXT
	assert_line "$pid unreadable -"
	run -1 --separate-stderr msealctl attach --seal=stack "$pid"
	assert_stderr "msealctl: $pid: cannot read its memory: its ELF objects have more than 131072 program headers"
	run -1 --separate-stderr msealctl show "$pid"
	assert_stderr "msealctl: $pid: cannot read its memory: its ELF objects have more than 131072 program headers"
}

@test "list has a column for each class of --seal, and in JSON numbers as well" {
	requires program:jq
	start_shell
	run -0 msealctl list "$pid"
	assert_line --index 0 --regexp '^ *PID USER +STATE +TEXT +RODATA +RELRO COMMAND$'
	run -0 msealctl list --seal=stack,heap,heap:no "$pid"
	assert_line --index 0 --regexp '^ *PID USER +STATE +STACK +HEAP COMMAND$'
	run -0 --separate-stderr msealctl list --seal=dlopened "$pid"
	assert_line --index 0 --regexp ' TEXT +RODATA +RELRO COMMAND$'
	[[ ! ${MSEALCTL_TEST_PTRACE_ONLY-} ]] ||
		assert_stderr "msealctl: warning: $pid: cannot select: what the lists depend on cannot be read"
	run -0 msealctl list --json --seal=stack "$pid"
	run -0 jq -c '.processes[0] | [keys, .stack, ."stack-sealed", ."stack-total"]' <<<"$output"
	assert_output '[["command","pid","stack","stack-sealed","stack-total","state","user"],"0/1",0,1]'
}

@test "list keeps USER, but on a terminal that has no room for it" {
	requires terminal program:jq
	start_shell
	run -0 msealctl list --seal=all "$pid"
	assert_line --index 0 --regexp '^ *PID USER +STATE .* SHM COMMAND$'
	run -0 msealctl list -r --seal=all "$pid"
	assert_line --index 0 --regexp '^PID USER STATE .* SHM COMMAND$'
	run -0 msealctl list --json --seal=all "$pid"
	run -0 jq -c '.processes[0] | has("user")' <<<"$output"
	assert_output true
	run -0 in_terminal 120 "$msealctl" list --seal=all "$pid"
	assert_line --index 0 --regexp '^ *PID USER +STATE .* SHM COMMAND$'
	run -0 in_terminal 80 "$msealctl" list --seal=all "$pid"
	assert_line --index 0 --regexp '^ *PID STATE .* SHM COMMAND$'
	for line in "${lines[@]}"; do
		((${#line} <= 80)) || fail "$line"
	done
}

@test "list --sort orders by a column, --state leaves out" {
	requires ptrace
	start_shell
	first=$pid
	start "$helpers/victim"
	run -0 msealctl attach -q --seal=text "$pid"
	second=$pid
	start_shell
	run -0 msealctl attach -q --seal=text,rodata,relro "$pid"
	all=("$first" "$second" "$pid")
	run -0 msealctl list -n -r -o STATE --sort=pid "${all[@]}"
	assert_output "$(msealctl list -n -r -o PID,STATE "${all[@]}" | sort -n | cut -d ' ' -f 2)"
	run -0 msealctl list -n -r -o PID --sort=-PID "${all[@]}"
	assert_output "$(printf '%s\n' "${all[@]}" | sort -n -r)"
	# shares by their value
	run -0 msealctl list -n -r -o PID --sort=-RELRO "$first" "$pid"
	assert_output "$pid"$'\n'"$first"
	run -0 msealctl list -n -r -o PID,STATE --sort=STATE --state=partial,full "${all[@]}"
	assert_output "$pid full"$'\n'"$second partial"
	run -0 msealctl list -n -r -o PID --state=unreadable "${all[@]}"
	assert_output ''
	run -1 --separate-stderr msealctl list --sort=-NO
	assert_equal "${stderr%%$'\n'*}" "msealctl: --sort: 'NO': unknown column"
	run -1 --separate-stderr msealctl list --state=full,half
	assert_equal "${stderr%%$'\n'*}" "msealctl: --state: 'half' is not known: use full, partial, none or unreadable"
}

@test "list shows command line, executable, unit and hazards, escaped" {
	# shellcheck disable=SC2016 # for the other shell
	start bash -c 'echo "pid $$"; echo ready; read -r' $'a\e b'
	run -0 msealctl list -n -o ARGS "$pid"
	assert_output --regexp '^bash -c echo "pid \$\$"; echo ready; read -r a\\x1b b *$'
	run -0 msealctl list -n -r -o EXE "$pid"
	assert_output "$(readlink "/proc/$pid/exe")"
	run -0 msealctl list -n -r -o PID,HAZARD --seal=stack "$pid"
	assert_output "$pid none"
	start "$helpers/victim"
	run -0 msealctl list -n -r -o HAZARD --seal=shm "$pid"
	assert_output --partial replaceable
}

@test "the columns of list stay where they are, though rows come one by one" {
	start_shell
	first=$pid
	start_shell
	run -0 msealctl list "$first" "$pid"
	assert_equal "${#lines[1]}" "${#lines[2]}"
	assert_equal "${lines[1]%%none*}" "${lines[1]:0:17}"
}
