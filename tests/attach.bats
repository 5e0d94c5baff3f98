#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

setup() { requires mseal ptrace; }

results() { msealctl "$@" -n -r -o RESULT "$pid" | sort | uniq -c | awk '{ print $2, ($1 > 0) }'; }

@test "the default seals code, constants and RELRO of every object" {
	start "$helpers/victim"
	run -0 --separate-stderr msealctl attach "$pid"
	refute_stderr
	assert_place_sealed text
	assert_place_sealed rodata
	assert_place_open data
	assert_place_open anon-rw
	run -0 "$helpers/sealrows" "$pid"
	refute_output --partial ' open '
}

@test "attach for the second time finds everything already sealed" {
	start "$helpers/victim"
	assert_equal "$(results attach)" 'sealed 1'
	assert_equal "$(results attach)" 'already 1'
	run -0 msealctl attach "$pid"
}

# runs_in LIST: how many runs without a gap the rows of LIST are
runs_in() {
	msealctl attach --dry-run --seal="$1" -n -r -o START,END "$pid" |
		awk '$1 != last { n++ } { last = $2 } END { print n }'
}

# How many stops many calls are made with, a pattern: one, if instructions load registers.
few_stops() { loads_registers && echo '1 stop' || echo '* stop'; }

# bats test_tags=no-uml
@test "attach makes many calls with few stops in a PID namespace" {
	requires own-targets
	start unshare --pid --fork bash -c 'read -r pid rest </proc/self/stat; echo "pid $pid"; echo ready; read -r'
	run -0 --separate-stderr msealctl attach -v --seal=text,data "$pid"
	[[ $stderr == *' calls with '$(few_stops)* ]]
}

# bats test_tags=no-uml
@test "attach makes many calls with few stops, unless it cannot" {
	local many=text,data count

	requires private-proc
	start "$helpers/steady"
	calls=$(runs_in "$many")
	run -0 --separate-stderr msealctl attach -v --seal="$many" "$pid"
	[[ $stderr == *"msealctl: $pid: made $calls calls with "$(few_stops)* ]]
	run -0 "$helpers/sealrows" "$pid" text data
	# what they leave on its stack is in the way of none that follow, which may be fewer
	for count in 1 4 1 4 1 4; do
		fresh "$count"
		run -0 --separate-stderr msealctl attach -v --seal="$fresh" "$pid"
	done
	[[ $stderr == *' made 4 calls with 1 stop'* ]]
	# all that could end a chain has a handler
	start bash -c 'trap : URG WINCH CHLD; echo "pid $$"; echo ready; read -r'
	run -0 --separate-stderr msealctl attach -v --seal="$many" "$pid"
	[[ $stderr == *' calls one by one: every signal that could end a chain '* ]]
	run -0 "$helpers/sealrows" "$pid" text data
}

# bats test_tags=no-uml
@test "attach makes many calls with few stops where no instructions load registers" {
	requires private-proc
	loads_registers || skip "elsewhere it does so for all programs"
	start "$helpers/steady" bare
	fresh 4
	run -0 --separate-stderr msealctl attach -v --seal="$fresh" "$pid"
	[[ $stderr =~ ' made 4 calls with '[1-3]' stop' ]]
	say '?'
	[[ $heard == 'ok '* ]]
}

# bats test_tags=no-uml
@test "attach --types makes many calls with few stops, and each seals for these types alone" {
	local range

	requires private-proc types
	start "$helpers/steady"
	fresh 4
	range=${fresh%%,*}
	run -0 --separate-stderr msealctl attach -v --types=base --seal="$fresh" "$pid"
	[[ $stderr == *' made 4 calls with '*' stop'* ]]
	assert_equal "$(msealctl show --seal="$range" -n -r -o TYPES "$pid")" base
	say '?'
	[[ $heard == 'ok '* ]]
}

@test "attach takes no time from a call with a timeout, whose thread has to make many calls" {
	requires private-proc
	! loads_registers || skip "no signal frames are needed here"
	start "$helpers/inflight" loop nanosleep
	fresh 4
	run -0 --separate-stderr msealctl attach -v --seal="$fresh" "$pid"
	[[ $stderr == *' calls one by one: a chain would take the rest of the timeout '* ]]
}

# bats test_tags=no-uml
@test "attach names the reason of what fails among many calls" {
	local limit rows all first

	requires mainline
	limit=$(</proc/sys/vm/max_map_count)
	((limit <= 100000)) || skip "there may be $limit mappings"
	start "$helpers/victim"
	rows=$(grep -vcF '[vsyscall]' "/proc/$pid/maps")
	finish
	start "$helpers/victim" "many=$((limit - rows))"
	first=$((start_of[anon-rw]))
	all=text,relro,$(printf '0x%x-0x%x' "$first" $((first + page)))
	run -3 msealctl attach --timeout=60 -n -r -o RESULT,REASON,NAME --seal="$all" "$pid"
	assert_equal "$(grep -v '^sealed ' <<<"$output")" \
		'failed not\x20all\x20of\x20it\x20is\x20mapped,\x20or\x20the\x20process\x20has\x20too\x20many\x20mappings -'
	run -0 "$helpers/sealrows" "$pid" text relro
}

# bats test_tags=no-uml
@test "attach makes one call for neighbours, and none for what is sealed already" {
	local last=none start end calls=0
	local -a count=("$helpers/killat" list "$msealctl" attach -q)

	# LeakSanitizer, where msealctl is built with it, refuses to work in a tracee
	export ASAN_OPTIONS=detect_leaks=0
	start "$helpers/victim"
	while read -r start end; do
		[[ $start == "$last" ]] || ((++calls))
		last=$end
	done < <(msealctl attach --dry-run -n -r -o START,END "$pid")
	if loads_registers; then
		# so few are no chain, and a call has two stops
		assert_equal "$("${count[@]}" "$pid" | grep -c '^PTRACE_SYSCALL ')" $((2 * calls))
	else
		run -0 --separate-stderr msealctl attach -v "$pid"
		[[ $stderr == *" made $calls calls "* ]]
	fi
	assert_equal "$(results attach)" 'already 1'
	refute [ "$("${count[@]}" "$pid" | grep -c '^PTRACE_SYSCALL ')" -gt 0 ]
}

@test "attach --seal=CLASS seals that class, and nothing else" {
	local place
	local -A class_of=(
		[anon-ro]=anon [file-ro]=file [memfd-shared]=shm [data]=data [heap]=heap
		[stack]=stack
	)

	for place in "${!class_of[@]}"; do
		start "$helpers/victim"
		run -0 msealctl attach --seal="${class_of[$place]}" "$pid"
		assert_place_sealed "$place"
		assert_place_open text
		finish
	done
}

@test "attach --seal=RANGE seals that range of addresses alone" {
	start "$helpers/victim"
	run -0 msealctl attach --seal="${start_of[anon-rw]}-${end_of[anon-rw]}" "$pid"
	assert_place_sealed anon-rw
	assert_place_open anon-ro
	assert_equal "$(sealed_count "$pid")" 1
}

@test "attach names a huge page that a range cuts" {
	requires mseal ptrace program:python3
	(($(awk '/^HugePages_Free:/ { print $2 }' /proc/meminfo) > 0)) || skip "no huge pages are free"
	start python3 -c 'import mmap, os
pages = mmap.mmap(-1, 2 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
row = next(l for l in open("/proc/self/maps") if "huge" in l).split()[0].split("-")
print("pid", os.getpid(), "\nhuge 0x%s 0x%s\nready" % tuple(row), flush=True); input()'
	first=$((start_of[huge]))
	run -3 msealctl attach -n -r -o REASON --seal="$(printf '0x%x-0x%x' $((first + page)) $((first + 2 * page)))" "$pid"
	assert_output 'it\x20begins\x20or\x20ends\x20inside\x20of\x20a\x20huge\x20page'
	run -0 msealctl attach -q --seal="0x${start_of[huge]#0x}-0x${end_of[huge]#0x}" "$pid"
}

@test "every forbidden operation is refused on all that is sealed" {
	start "$helpers/trymut" wait
	run -0 msealctl attach "$pid"
	printf '\n' >&"$to"
	while hear && [[ $heard != status* ]]; do
		[[ $heard == *' sealed '* ]] || fail "$heard"
	done
	assert_equal "$heard" 'status 0'
}

@test "attach --dry-run shows the same rows and does nothing" {
	start "$helpers/victim"
	dry=$(msealctl attach --dry-run -n -r -o START,END,CLASS "$pid")
	assert_equal "$(results attach --dry-run)" 'would-seal 1'
	assert_equal "$(sealed_count "$pid")" 0
	assert_equal "$(msealctl attach -n -r -o START,END,CLASS "$pid")" "$dry"
}

@test "attach exits 3 if a term with a glob, a name or a range matches in no process" {
	local other term

	start_shell
	other=$pid
	start "$helpers/victim"
	for term in text:nothing.so 'name:/nothing*' 0x10000-0x20000; do
		run -3 --separate-stderr msealctl attach --seal="text,$term" --exclude="$term" "$pid"
		assert_stderr "msealctl: --seal: '$term' matches nothing
msealctl: --exclude: '$term' matches nothing"
		run -3 --separate-stderr msealctl attach --dry-run -q --seal="text,$term" "$pid" "$other"
		assert_stderr "msealctl: --seal: '$term' matches nothing in any of the processes"
	done
	# one match is enough, wherever
	run -0 --separate-stderr msealctl attach --seal=text:victim,relro:bash "$pid" "$other"
	refute_stderr
	# nothing is said of processes that could not be read
	run -1 --separate-stderr msealctl attach --seal=text:nothing.so 4194305
	assert_stderr 'msealctl: 4194305: cannot attach: no such process'
}

@test "attach seals nothing if a term of --exclude matches in no process" {
	local first term

	start_shell
	first=$pid
	start "$helpers/victim"
	for term in text:libc.so.7 'name:/nothing*' 0x10000-0x20000; do
		run -3 --separate-stderr msealctl attach --exclude="$term" "$pid"
		assert_output ''
		assert_stderr "msealctl: --exclude: '$term' matches nothing"
		run -3 --separate-stderr msealctl attach --exclude="text:libc.so.6,$term" "$first" "$pid"
		assert_stderr "msealctl: --exclude: '$term' matches nothing in any of the processes"
		# it may match where nothing could be read
		run -1 --separate-stderr msealctl attach --exclude="$term" "$pid" 4194305
		assert_stderr "msealctl: 4194305: cannot read its maps: no such process
msealctl: --exclude: '$term' matches nothing"
	done
	assert_equal "$(sealed_count "$first") $(sealed_count "$pid")" '0 0'
	# a class that is empty is none; and one match is enough, wherever
	run -0 --separate-stderr msealctl attach --seal=text --exclude=shm,relro:bash "$pid" "$first"
	refute_stderr
	run -0 msealctl check --seal=text "$first" "$pid"
}

@test "attach warns of a class that is empty, and exits 3 if nothing is selected" {
	local none="--seal=text --exclude=text"

	start_shell
	other=$pid
	start "$helpers/victim"
	run -0 --separate-stderr msealctl attach --seal=text,shm --exclude=shm "$other"
	assert_stderr "msealctl: warning: $other: --seal: 'shm' matches nothing"
	# shellcheck disable=SC2086 # two words
	run -3 --separate-stderr msealctl attach -q $none "$pid"
	assert_stderr "msealctl: $pid: nothing is selected"
	# in one of two processes
	run -3 --separate-stderr msealctl attach --seal=text:bash "$other" "$pid"
	assert_stderr "msealctl: $pid: nothing is selected"
}

@test "attach --exclude leaves out what it names" {
	start "$helpers/victim"
	run -0 msealctl attach --seal=text --exclude=text:libc.so.6 "$pid"
	assert_place_sealed text
	run -0 msealctl show -n -r -o SEALED --seal=text:libc.so.6 "$pid"
	assert_output no
}

@test "all threads go on after attach" {
	start "$helpers/victim" threads=50
	run -0 msealctl attach "$pid"
	assert_place_sealed text
	assert_equal "$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)" 51
}

@test "attach to a traced process names its tracer" {
	requires program:strace
	start "$helpers/victim"
	victim=$pid
	launch strace -qq -o /dev/null -p "$victim"
	until grep -q "^TracerPid:.$pid$" "/proc/$victim/status"; do kill -0 "$pid"; done
	run -1 --separate-stderr msealctl attach "$victim"
	assert_stderr "msealctl: $victim: cannot attach: already traced by strace (pid $pid)"
	run -1 --separate-stderr msealctl attach --dry-run "$victim"
	assert_output ''
	assert_stderr "msealctl: $victim: cannot attach: already traced by strace (pid $pid)"
}

@test "attach finds nothing to seal in a kernel thread" {
	grep -qsx kthreadd /proc/2/comm || skip "kernel threads are not seen here"
	run -1 --separate-stderr msealctl attach 2
	assert_stderr "msealctl: 2: cannot attach: it is a kernel thread and has no memory of its own"
}

@test "msealctl does not attach to itself" {
	# exec: the pid of the shell becomes that of msealctl
	# shellcheck disable=SC2016
	run -1 --separate-stderr bash -c 'echo $$; exec "$1" attach $$' _ "$msealctl"
	assert_stderr "msealctl: $output: cannot attach: this is msealctl itself"
}

@test "attach says that a zombie has exited" {
	start_zombie
	run -1 --separate-stderr msealctl attach "$pid"
	assert_stderr "msealctl: $pid: cannot attach: it is a zombie: it has exited, and its parent has not waited for it"
}

@test "attach to a thread's id names its process" {
	start "$helpers/victim" threads=1
	thread=$(find "/proc/$pid/task" -mindepth 1 -printf '%f\n' -prune | grep -vx "$pid")
	run -1 --separate-stderr msealctl attach "$thread"
	assert_stderr "msealctl: $thread: cannot attach: it is a thread of process $pid
msealctl: hint: give $pid: the threads of a process share their memory"
}

# A parent in vfork(), whose child opens a FIFO at $1; also sets $child.
start_vfork() {
	mkfifo "$1"
	start python3 -c 'import os, sys
print("pid", os.getpid()); print("ready", flush=True)
os.posix_spawn("/bin/true", ["true"], {},
               file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)])
os._exit(7)' "$1"
	until grep -q '^State:.*D ' "/proc/$pid/status"; do kill -0 "$pid"; done
	child=$(pgrep -P "$pid")
}

# bats test_tags=no-uml
@test "attach seals the parent in a vfork by way of its child" {
	requires program:python3 private-proc
	start_vfork "$BATS_TEST_TMPDIR/door"
	run -0 --separate-stderr msealctl attach "$pid"
	assert_stderr "msealctl: warning: $pid: process $child shares its memory, and has the same seals"
	run -0 "$helpers/sealrows" "$pid" text
	: >"$BATS_TEST_TMPDIR/door"
	assert_finishes_with 7
}

@test "attach --timeout leaves a target alone that does not stop" {
	local parent

	requires program:python3 program:strace
	start_vfork "$BATS_TEST_TMPDIR/door"
	parent=$pid
	# the one that could make the call is another's
	launch strace -qq -o /dev/null -p "$child"
	until grep -q "^TracerPid:.$pid$" "/proc/$child/status"; do kill -0 "$pid"; done
	run -1 --separate-stderr msealctl attach --timeout=0.2 "$parent"
	[[ $stderr == "msealctl: $parent: cannot attach: it did not stop within 0.2 s
msealctl: hint: "* ]]
	assert_equal "$(sealed_count "$parent")" 0
	: >"$BATS_TEST_TMPDIR/door"
	wait "$parent" || assert_equal $? 7
}

@test "a signal ends attach after the process at hand, with its rows and what was not reached" {
	local format first stuck last

	requires mseal ptrace program:python3 program:strace
	start_shell
	first=$pid
	start_shell
	last=$pid
	start_vfork "$BATS_TEST_TMPDIR/door"
	stuck=$pid
	# the one that could make the call is another's
	launch strace -qq -o /dev/null -p "$child"
	until grep -q "^TracerPid:.$pid$" "/proc/$child/status"; do kill -0 "$pid"; done
	for format in --raw --json; do
		launch "$msealctl" attach --timeout=3600 "$format" "$first" "$stuck" "$last" $$
		until grep -q "^TracerPid:.$pid$" "/proc/$stuck/status"; do kill -0 "$pid"; done
		# the rows of the first are there while the second is waited for
		hear && hear
		kill -TERM "$pid"
		assert_finishes_with 143
		assert_equal "$(cat "$target_errors")" "msealctl: $stuck: not attached: interrupted by a signal
msealctl: Terminated: 2 of 4 processes were not reached"
		assert_equal "$(sealed_count "$last")" 0
	done
	assert_equal "$(printf '%s\n' "$heard" "$(cat <&"$from")" | tail -n 2)" $'   ]\n}'
	run -0 msealctl check "$first"
	# none is left
	launch "$msealctl" attach --timeout=3600 "$stuck"
	until grep -q "^TracerPid:.$pid$" "/proc/$stuck/status"; do kill -0 "$pid"; done
	kill -TERM "$pid"
	assert_finishes_with 143
	assert_equal "$(cat "$target_errors")" "msealctl: $stuck: not attached: interrupted by a signal"
	: >"$BATS_TEST_TMPDIR/door"
}

@test "attach without descriptors to spare seals, or says that there are too few" {
	local n

	requires mseal ptrace plain-build
	start "$helpers/victim"
	for n in {4..12}; do
		run --separate-stderr bash -c 'ulimit -n "$1" && shift && exec "$@" 3>&-' _ "$n" \
			"$msealctl" attach -q --seal=text "$pid"
		((status == 0)) || [[ $status == 1 && $stderr == *': Too many open files'* ]] ||
			fail "with $n: $stderr"
	done
	assert_place_sealed text
	assert_finishes_with 0
}

@test "attach is not confused by children that msealctl was started with" {
	start "$helpers/victim"
	# one that has stopped itself, and one that exits
	# shellcheck disable=SC2016 # for that shell
	run bash -c '(kill -STOP "$BASHPID") >/dev/null 2>&1 3>&- &
		child=$!; echo "$child"; true &
		until grep -q "^State:.T" "/proc/$child/status"; do :; done
		exec "$1" attach --timeout=5 -q "$2"' _ "$msealctl" "$pid"
	kill -KILL "${lines[0]}"
	assert_equal "$status" 0
	assert_place_sealed text
}

@test "attach tries each of several processes, and the worst status wins" {
	start "$helpers/victim"
	run -1 --separate-stderr msealctl attach 4194305 "$pid"
	assert_place_sealed text
	[[ $stderr == *"4194305: "*"no such process"* ]]
}
