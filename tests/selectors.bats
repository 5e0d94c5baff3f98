#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Which processes --name and the like find.  The targets of these tests have a user of their
# own, where there is root: others' processes come and go, and may not be readable.

load helpers

uid=64990

setup() {
	requires mseal
	if ((EUID == 0)); then
		requires program:setpriv
		as_target=(setpriv "--reuid=$uid" "--regid=$uid" --clear-groups --)
	else
		uid=$EUID
	fi
	only=(--user="$uid")
	program=$BATS_TEST_TMPDIR/program-of-$$-with-a-long-name
	cp "$helpers/victim" "$program"
	# a leak sanitizer stops its program with ptrace, which is slow with many processes
	export ASAN_OPTIONS=detect_leaks=0
}

# found OPTION...: the PIDs of what they find
found() { msealctl list -n -r -o PID "${only[@]}" "$@"; }

@test "--name is the command name or that of the executable, --exe its path" {
	start "$program"
	first=$pid
	start "$program"
	for option in --name="${program##*/}" --name="program-of-$$-*" --name="$(<"/proc/$pid/comm")" \
		--exe="$program" --exe="${program##*/}" --exe="*/${program##*/}"; do
		run -0 --separate-stderr found "$option"
		assert_equal "$(sort <<<"$output")" "$(printf '%s\n' "$first" "$pid" | sort)"
		refute_stderr
	done
	run -0 found --exe="$program" --except="$first"
	assert_output "$pid"
	rm "$program"
	run -0 found --exe="$program" --except="$first"
	assert_output "$pid"
	run -3 --separate-stderr found --exe="${program%/*}"
	run -3 --separate-stderr found --exe="$program" --name=no
	assert_output ''
	assert_stderr "msealctl: no process matches --name=no --exe=$program --user=$uid"
	run -3 --separate-stderr msealctl check "$pid" --except="$pid"
	assert_output ''
	assert_stderr "msealctl: no process is left: all that were given are in --except"
}

@test "attach, check and show take what is found; one sealed is not enough" {
	requires ptrace
	start "$program"
	first=$pid
	start "$program"
	run -0 msealctl attach -q "$first"
	run -3 msealctl check -q "${only[@]}" --exe="$program"
	run -0 --separate-stderr msealctl attach "${only[@]}" --exe="$program"
	refute_stderr
	run -0 msealctl check "${only[@]}" --exe="$program"
	run -0 msealctl show -n -r -o PID "${only[@]}" --exe="$program"
	assert_line "$first"
	assert_line "$pid"
}

@test "--children adds all descendants, of PIDs and of what is found" {
	# shellcheck disable=SC2016 # for the other shells
	start bash -c 'bash -c '\''"$0"; exit'\'' "$0"; exit' "$program"
	top=${started[-1]}
	middle=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
	run -0 --separate-stderr msealctl list -n -r -o PID --children "$top"
	assert_equal "$(sort <<<"$output")" "$(printf '%s\n' "$top" "$middle" "$pid" | sort)"
	refute_stderr
	run -0 msealctl list -n -r -o PID --children "$top" --except="$top" --except="$pid"
	assert_output "$middle"
	run -0 found --name=bash --children
	assert_equal "$(sort <<<"$output")" "$(printf '%s\n' "$top" "$middle" "$pid" | sort)"
	run -0 found --exe="$program" --children
	assert_output "$pid"
}

@test "nothing found is exit 3, with an empty document" {
	requires program:jq
	for command in "attach --dry-run" check show list; do
		# shellcheck disable=SC2086 # a command with its option
		run -3 --separate-stderr msealctl $command --json "${only[@]}" --exe="$program"
		assert_stderr "msealctl: no process matches --exe=$program --user=$uid"
		assert_equal "$(jq -c '.regions // .processes' <<<"$output")" '[]'
	done
}

@test "what does not go together is refused" {
	for command in attach check show; do
		run -1 --separate-stderr msealctl "$command" --children
		assert_equal "${stderr%%$'\n'*}" "msealctl: $command: --children needs a PID, or a selector such as --name"
	done
	run -1 --separate-stderr msealctl check --name=a 1
	assert_stderr "msealctl: check: PIDs go with --children and --except only"
	run -1 --separate-stderr msealctl check --name=a --name=b
	assert_equal "${stderr%%$'\n'*}" "msealctl: --name: given twice"
	run -1 --separate-stderr msealctl check --unit=
	assert_equal "${stderr%%$'\n'*}" "msealctl: --unit: empty"
	run -1 --separate-stderr msealctl check --user=no:body
	assert_equal "${stderr%%$'\n'*}" "msealctl: --user: there is no user 'no:body'"
	run -1 --separate-stderr msealctl check --all --except=0
	assert_equal "${stderr%%$'\n'*}" "msealctl: --except: 0: not a PID"
}

@test "what a user cannot judge is said, and an error for attach and check" {
	requires root
	start "$program"
	as_target=()
	start "$helpers/victim"
	copy=$BATS_TEST_TMPDIR/msealctl
	cp "$msealctl" "$copy"
	as_user=(setpriv "--reuid=$uid" "--regid=$uid" --clear-groups -- "$copy")
	for command in "attach --dry-run" check; do
		# shellcheck disable=SC2086 # a command with its option
		run -1 --separate-stderr "${as_user[@]}" $command -q --exe="$program"
		assert_regex "$stderr" "^msealctl: [0-9]+ process(es)? could not be judged, such as [0-9]+: its executable cannot be read: Permission denied
msealctl: hint: run msealctl as root, or with CAP_SYS_PTRACE, or leave out other users' processes by --user=NAME"
	done
	run -0 --separate-stderr "${as_user[@]}" list --exe="$program"
	assert_regex "$stderr" "^msealctl: warning: [0-9]+ process(es)? could not be judged"
	# a command name that is known is enough for no error
	run -0 --separate-stderr "${as_user[@]}" attach --dry-run --except="$pid" --name="${program##*/}"
	assert_regex "$stderr" "^msealctl: warning: [0-9]+ process(es)? could not be judged"
	# whose user is another is none, whatever its executable
	run -0 --separate-stderr "${as_user[@]}" attach --dry-run "${only[@]}" --exe="$program"
	refute_stderr
}

# in_namespace SCRIPT ARGUMENT...: the first process of its PID namespace is a shell
in_namespace() {
	requires root program:unshare
	unshare --pid --fork --mount-proc true 2>/dev/null || skip "no PID namespaces here"
	timeout -k 1 "$patience" unshare --pid --fork --mount-proc bash -c "$@" 3>&-
}

@test "--all is what its PID namespace has, less msealctl, with few descriptors as well" {
	requires ptrace program:prlimit
	# shellcheck disable=SC2016 # for the other shell
	for limit in 20 1000; do
		run -0 in_namespace '
			coproc "$2"
			while read -r word _ <&${COPROC[0]} && [[ $word != ready ]]; do :; done
			# the worker of a msealctl that has ended ends just after it
			settle() { until pids=(/proc/[0-9]*); ((${#pids[@]} == 2)); do :; done; }
			prlimit --nofile="$3:$3" "$1" attach -n -r -o PID --all >"$4"
			sort -nu "$4"
			settle
			"$1" check -q --all
			settle
			"$1" list -n -r -o PID,STATE
			echo "$COPROC_PID"' _ "$msealctl" "$program" "$limit" "$BATS_TEST_TMPDIR/rows"
		pid=${lines[-1]}
		assert_output "1
$pid
1 full
$pid full
$pid"
	done
}

@test "a process that ends before its turn is no error" {
	local tool higher

	start "$program" many=20000
	higher=$pid
	start "$program" many=20000
	((pid > higher)) && higher=$pid
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	"$msealctl" show -n -r -o PID "${only[@]}" --exe="$program" >"$BATS_TEST_TMPDIR/pipe" \
		2>"$BATS_TEST_TMPDIR/errors" 3>&- &
	tool=$!
	exec {reader}<"$BATS_TEST_TMPDIR/pipe"
	# it has found both, and cannot go on while nobody reads
	read -r -u "$reader" first
	kill -KILL "$higher"
	wait "$higher" || true
	assert_equal "$(sort -u <&"$reader")" "$first"
	exec {reader}<&-
	wait "$tool"
	assert_equal "$(<"$BATS_TEST_TMPDIR/errors")" ''
}

@test "a process whose first thread has ended and whose others come and go is not left out" {
	local round

	requires program:jq
	start "$program"
	run -0 msealctl attach -q "$pid"
	start "$helpers/odd" relay
	until grep -q '^State:.*Z' "/proc/$pid/status"; do :; done
	for ((round = 0; round < 20; round++)); do
		run -0 msealctl list -n -r -o PID,STATE "${only[@]}" --except="${started[0]}"
		assert_regex "$output" "^$pid (none|unreadable)\$"
		# it is not sealed, and what is said of it is what the status says
		run --separate-stderr msealctl check -J -o PID "${only[@]}"
		assert_regex "$status $(jq -r .verdict <<<"$output")" '^(1 unreadable|3 unsealed)$'
	done
	run --separate-stderr msealctl show "${only[@]}" --exe=odd
	[[ $status == 0 && ! $stderr || $status == 1 && $stderr ]] || fail "$status: $stderr"
	assert_finishes_with 0
}

@test "attach and check also find what has started meanwhile" {
	local tool

	start "$program" many=20000
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	"$msealctl" check -n -r -o PID,START,END --seal=all "${only[@]}" --exe="$program" \
		>"$BATS_TEST_TMPDIR/pipe" 3>&- &
	tool=$!
	exec {reader}<"$BATS_TEST_TMPDIR/pipe"
	read -r -u "$reader" first _
	start "$program"
	assert_equal "$(cut -d ' ' -f 1 <&"$reader" | sort -u)" "$(printf '%s\n' "$first" "$pid" | sort)"
	exec {reader}<&-
	status=0
	wait "$tool" || status=$?
	assert_equal "$status" 3
}

# In a namespace of their own: where others come and go as fast, one that has ended before it
# could be looked at may be theirs.
@test "nothing is called sealed while a process that matches forks, and ends, too fast to be seen" {
	requires ptrace
	# shellcheck disable=SC2016 # for the other shell
	run -0 in_namespace '
		msealctl=$1 user=$2
		shift 2
		coproc "$@"
		while read -r word rest <&${COPROC[0]} && [[ $word != ready ]]; do
			[[ $word != pid ]] || pid=$rest
		done
		"$msealctl" attach -q "$pid"
		for round in 1 2 3 4 5; do
			status=0
			"$msealctl" check -q "--user=$user" || status=$?
			echo "$status"
		done' _ "$msealctl" "$uid" "${as_target[@]}" "$helpers/odd" flight
	refute_line 0
	assert_equal "$(grep -cxE '1|3' <<<"$output")" 5
}

@test "processes that do not match may come and go as they like" {
	start "$program"
	run -0 msealctl attach -q "$pid"
	# starts another all the time, until its input ends
	as_target=()
	start bash -c 'echo "pid $$"; echo ready; until read -r -t 0; do /bin/true; done'
	for round in 1 2 3; do
		run -0 --separate-stderr msealctl check -q "${only[@]}" --name="${program##*/}"
		refute_stderr
		run -3 --separate-stderr msealctl check -q "${only[@]}" --name=nosuch
	done
}

@test "a later process with the number of one that was found is not taken for it" {
	[[ -w /proc/sys/kernel/ns_last_pid ]] || skip "the next PID cannot be chosen here"
	# few descriptors: then the time of the start is what differs
	for limit in 20 1000; do
		# shellcheck disable=SC2016 # for the other shell
		run -0 --separate-stderr in_namespace '
			cd "$1"
			mkfifo in rows
			started_at() { sed "s/.*) //" "/proc/$1/stat" | cut -d " " -f 20; }
			"$3" many=20000 <>in >out & "$3" <>in >out.2 & second=$!
			until grep -qs ready out && grep -qs ready out.2; do :; done
			prlimit --nofile="$4:$4" "$2" show -n -r -o PID,START --name="${3##*/}" >rows &
			tool=$!
			exec <rows
			read -r first _
			until [[ $(started_at self) != "$(started_at "$second")" ]]; do :; done
			kill -KILL "$second"
			wait "$second"
			echo $((second - 1)) >/proc/sys/kernel/ns_last_pid
			"$3" <>in >out.3 &
			[[ $! == "$second" ]] || exit 9
			until grep -qs ready out.3; do :; done
			cat >rows.read
			wait "$tool" || exit
			cut -d " " -f 1 rows.read | sort -u | sed "s/^$first\$/first/"' \
			_ "$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")" "$msealctl" "$program" "$limit"
		assert_output first
	done
}

# The folders of the hierarchies that systemd may use, in $hierarchies.
find_hierarchies() {
	local kind place type options

	hierarchies=()
	while read -r kind place type options _; do
		[[ $type == cgroup2 || ,$options, == *,name=systemd,* ]] || continue
		! mkdir "$place/msealctl-$$.slice" 2>/dev/null || hierarchies+=("$place/msealctl-$$.slice")
	done </proc/mounts
	[[ ${hierarchies[*]} ]] || lacks cgroups "no cgroup can be made here"
}

@test "--unit and --cgroup go by cgroups, of version 1 and 2" {
	local folder

	find_hierarchies
	start "$program"
	for folder in "${hierarchies[@]}"; do
		mkdir -p "$folder/some-$$.service/below"
		echo "$pid" >"$folder/some-$$.service/below/cgroup.procs" || skip "cgroups cannot be changed here"
		for option in --unit="some-$$" --unit="some-$$.service" --unit="msealctl-$$.slice" \
			--cgroup="*/some-$$.service/below" --cgroup="*/some-$$.service" --cgroup="*/below"; do
			run -0 --separate-stderr msealctl list -n -r -o PID "$option"
			assert_output "$pid"
			refute_stderr
		done
		run -3 msealctl list --unit=below --user="$uid"
		run -3 msealctl list --cgroup="*/some" --user="$uid"
		place=${folder%/*}
		echo "$pid" >"$place/cgroup.procs"
		run -3 msealctl list --unit="some-$$"
	done
}

teardown() {
	common_teardown
	for folder in "${hierarchies[@]-}"; do
		[[ ! -d $folder ]] || find "$folder" -depth -type d -exec rmdir {} +
	done
}
