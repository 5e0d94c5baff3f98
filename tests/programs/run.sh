#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# run.sh [PROGRAM...]: run real programs plainly, under exec, and attached to while they
# are under load.  Their results must be the same, and at the end all that was selected
# must be sealed in each of their processes.  Prints TAP, totals, and a table.
#
# Each program is a file beside this one, PROGRAM.bash, with these functions:
#
#     needs      fails, printing why, if the program cannot be run here
#     version    prints it
#     prepare    (optional) makes files in $folder
#     start      becomes a server on 127.0.0.1:$port, with "$@" before its command
#     ready      succeeds when the server answers
#     load       keeps it busy for about two seconds, fails at the first error, and prints
#                what must be the same each time
#     job        instead of these three: becomes a program that ends by itself
#     same       (optional) leaves of the output what must be the same each time
#
# and these variables, all optional: "ordinary" to run as an ordinary user, "signal" that
# ends the server, "exec_options" of msealctl exec, "seal".
#
# Without PROGRAM: all of them, and those that are not installed are skipped.
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${TOP_BUILDDIR:?}
seal=text,rodata,relro,stack
# how long each of the three runs of a program may take, s
limit=240

die() {
	echo "$*" >&2
	exit 1
}

# For the files of programs

# program NAME...: they are installed
program() {
	local name

	for name; do
		type -P "$name" >/dev/null || {
			echo "$name is not installed"
			return 1
		}
	done
}

# http_load URL: many requests, none of which may fail, and what the URL gives
http_load() {
	local log=$folder/wrk

	wrk -t2 -c16 -d"${MSEALCTL_TEST_LOAD:-2}s" "$1" >"$log" 2>&1
	if grep -E 'Socket errors|Non-2xx' "$log" || ! grep -q '[1-9][0-9]* requests in' "$log"; then
		cat "$log"
		return 1
	fi
	curl -sS --fail "$1"
}

# One run of one program

is_alive() { [[ $(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null) == [^ZX] ]]; }

# processes_of PID: it and all that descend from it
processes_of() {
	local -a left=("$1") children

	while ((${#left[@]} > 0)); do
		echo "${left[0]}"
		mapfile -t children < <(pgrep -P "${left[0]}")
		left=("${left[@]:1}" "${children[@]}")
	done
}

# try_process PID: attach to it, or under exec check it.  Status 2: it has ended.  One that
# has just started may have RELRO that is writable yet, so look again.
try_process() {
	local tries status

	for ((tries = 0; tries < 500; tries++)); do
		status=0
		"$msealctl" "$verb" -q --seal="$seal" "$1" >"$folder/rows" 2>&1 || status=$?
		((status != 0)) || return 0
		is_alive "$1" || return 2
	done
	printf '%s of process %s, %s, has status %d:\n' "$verb" "$1" \
		"$(tr '\0' ' ' <"/proc/$1/cmdline")" "$status"
	cat "$folder/rows"
	return 1
}

# count_rows PID: adds to $processes, $sealed and $selected
count_rows() {
	local row
	local -a report=(show -o SEALED)

	# a job loads further objects meanwhile
	[[ $way != attach ]] || report=(attach -o RESULT)
	processes=$((processes + 1))
	while read -r row; do
		selected=$((selected + 1))
		[[ $row != @(yes|sealed|already) ]] || sealed=$((sealed + 1))
	done < <("$msealctl" "${report[@]}" -n -r --seal="$seal" "$1")
}

# try_while PID: as long as that is alive, all processes of the program
try_while() {
	local process status

	while is_alive "$1"; do
		for process in $(processes_of "$main"); do
			is_reached "$process" || continue
			status=0
			try_process "$process" || status=$?
			((status != 1)) || return 1
			((status != 0)) || times=$((times + 1))
		done
	done
}

# is_reached PID: exec does not seal what the program executes itself
is_reached() { [[ $way == attach || /proc/$1/exe -ef /proc/$main/exe ]]; }

# look_at PID...: they are sealed, or have ended
look_at() {
	local process status

	for process; do
		is_reached "$process" || continue
		status=0
		try_process "$process" || status=$?
		((status != 1)) || return 1
		((status != 0)) || count_rows "$process"
	done
}

stop() {
	local process
	local -a all

	mapfile -t all < <(processes_of "$main")
	kill -s "${signal:-TERM}" "$main" 2>/dev/null
	wait "$main" 2>/dev/null
	for process in "${all[@]}"; do
		kill -s KILL "$process" 2>/dev/null
	done
}

run_server() {
	local busy status=0

	start "${prefix[@]}" >"$folder/server.log" 2>&1 &
	main=$!
	trap stop EXIT
	until ready >/dev/null 2>&1; do
		is_alive "$main" || die "it did not start: $(tail "$folder/server.log")"
	done
	load >"$folder/output" 2>&1 &
	busy=$!
	[[ $way != attach ]] || try_while "$busy" || exit
	wait "$busy" || status=$?
	((status == 0)) || die "status $status: $(tail "$folder/output" "$folder/server.log")"
	is_alive "$main" || die "it ended: $(tail "$folder/server.log")"
	# shellcheck disable=SC2046 # PIDs
	[[ $way == plain ]] || look_at $(processes_of "$main") || exit
}

# A job may end before it was looked at: then it runs again.
run_job() {
	local status

	while true; do
		status=0
		job "${prefix[@]}" >"$folder/output" 2>&1 &
		main=$!
		trap stop EXIT
		[[ $way == plain ]] || look_at "$main" || exit
		if [[ $way == attach || ($way == exec && ${exec_options[*]} == *--inherit*) ]]; then
			try_while "$main" || exit
		fi
		wait "$main" || status=$?
		trap - EXIT
		echo "status $status" >>"$folder/output"
		[[ $way != plain && $selected == 0 ]] || return 0
	done
}

# run_one PROGRAM WAY FOLDER: leaves what must be the same, and numbers, in FOLDER
run_one() {
	name=$1 way=$2 folder=$3 signal='' ordinary='' exec_options=(--follow-dlopen) as_user=()
	processes=0 sealed=0 selected=0 times=0
	verb=check
	[[ $way != attach ]] || verb=attach
	source_program
	port=$((20000 + $$ % 10000))
	if [[ $ordinary && $EUID == 0 ]]; then
		chown nobody:nogroup "$folder"
		as_user=(setpriv --reuid=nobody --regid=nogroup --clear-groups -- env HOME="$folder")
	fi
	prefix=("${as_user[@]}")
	[[ $way != exec ]] || prefix+=("$msealctl" exec --seal="$seal" "${exec_options[@]}" --)
	cd "$folder" || exit
	prepare >"$folder/prepared" 2>&1 || die "cannot be prepared: $(tail "$folder/prepared")"
	if declare -F job >/dev/null; then
		run_job
	else
		run_server
	fi
	same <"$folder/output" >"$folder/same"
	echo "$processes $sealed $selected $times" >"$folder/numbers"
}

source_program() {
	prepare() { :; }
	same() { cat; }
	# shellcheck source=/dev/null
	source "$here/$name.bash"
}

# All runs of all programs

number=0 passed=0 failed=0 skipped=0

# result ok|not-ok|skip TEXT
result() {
	number=$((number + 1))
	case $1 in
	ok) passed=$((passed + 1)) && echo "ok $number - $2" ;;
	skip) skipped=$((skipped + 1)) && echo "ok $number - $2" ;;
	*) failed=$((failed + 1)) && echo "not ok $number - $2" ;;
	esac
}

# try_way WAY: one run of $name; sets $seen to what the table shows of it
try_way() {
	local processes sealed selected times

	seen=failed
	mkdir "$work/$name-$1"
	if MSEALCTL_TEST_LIMIT=$limit "$here/../in-time.sh" "$here/run.sh" --one "$name" "$1" \
		"$work/$name-$1" >"$work/log" 2>&1 &&
		diff "$work/$name-plain/same" "$work/$name-$1/same" >"$work/log" 2>&1; then
		read -r processes sealed selected times <"$work/$name-$1/numbers"
		case $1 in
		plain) seen=$(head -c 20 "$work/version") ;;
		exec) seen="$sealed/$selected in $processes" ;;
		attach) seen="$sealed/$selected in $processes, $times times" ;;
		esac
		result ok "$name: $1"
	else
		result not-ok "$name: $1"
		sed 's/^/# /' "$work/log"
		return 1
	fi
}

# try_program: a row of the table for $name
try_program() {
	local way reason row=$name verdict=same

	if ! reason=$(source_program && needs); then
		# one that was asked for must be there
		if [[ $asked ]]; then
			result not-ok "$name: $reason"
		else
			result skip "$name # SKIP $reason"
		fi
		printf '%s\t-\t-\t-\t%s\n' "$name" "$reason" >>"$work/table"
		return
	fi
	(source_program && version) 2>&1 | head -n 1 >"$work/version"
	for way in plain exec attach; do
		try_way "$way" || verdict=DIFFERENT
		row+=$'\t'$seen
	done
	printf '%s\t%s\n' "$row" "$verdict" >>"$work/table"
}

PATH+=:/usr/sbin:/sbin
if [[ ${1-} == --one ]]; then
	msealctl=${4%/*}/msealctl
	run_one "${@:2}"
	exit
fi

asked=$*
work=$(mktemp -d "${TMPDIR:-/tmp}/msealctl-programs.XXXXXX")
trap 'rm -rf "$work"' EXIT
# where an ordinary user can read them
chmod 755 "$work"
cp "$build"/src/{msealctl,*.so} "$work"
printf 'PROGRAM\tVERSION\tSEALED BY EXEC\tSEALED BY ATTACH\tRESULTS\n' >"$work/table"
there_are=("$here"/*.bash)
there_are=("${there_are[@]##*/}")
(($# > 0)) || set -- "${there_are[@]%.bash}"
for name; do
	[[ -e $here/$name.bash ]] || die "run.sh: no '$name'; there are: ${there_are[*]%.bash}"
	try_program
done
printf '1..%d\n# PASS: %d\n# FAIL: %d\n# SKIP: %d\n\n' "$number" "$passed" "$failed" "$skipped"
column -t -s $'\t' "$work/table"
((failed == 0))
