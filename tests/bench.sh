#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What msealctl costs, against what it cannot be faster than.  The two of a pair are
# measured in turn, round by round, so that a busy machine slows both; the result
# is the middle one of the rounds' ratios.
set -euo pipefail

msealctl=${TOP_BUILDDIR:?}/src/msealctl
mappings=${BENCH_MAPPINGS:-60000}
rounds=${BENCH_ROUNDS:-9}
runs=${BENCH_RUNS:-5}
warmup=1

for tool in hyperfine jq; do
	type -P "$tool" >/dev/null || {
		echo "bench: $tool is needed" >&2
		exit 1
	}
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# compare TITLE OURS THEIRS
compare() {
	local i

	for ((i = 0; i < rounds; i++)); do
		hyperfine --shell=none --style=none --warmup="$warmup" --runs="$runs" \
			--export-json="$folder/json" "$2" "$3" >"$folder/log" 2>&1 || {
			cat "$folder/log" >&2
			return 1
		}
		jq -c '[.results[].median * 1000]' "$folder/json"
	done >"$folder/rounds"
	jq -rs --arg title "$1" '
		def middle: sort | .[length / 2 | floor];
		def digits: . * 100 | round / 100;
		"\($title): \(map(.[0] / .[1]) | middle | digits) times as long" +
		" (\(map(.[0]) | middle | digits) ms, \(map(.[1]) | middle | digits) ms)"' "$folder/rounds"
}

coproc many { exec "$TOP_BUILDDIR/tests/helpers/manymaps" "$mappings"; }
read -r pid <&"${many[0]}"
compare "show of $mappings mappings, cat of their smaps" \
	"$msealctl show $pid" "cat /proc/$pid/smaps"

# short programs: more runs, or the clock is what is measured
runs=$((runs * 20)) warmup=10
compare "exec of true, stdbuf of true" \
	"$msealctl exec -- true" "stdbuf -o0 true"
compare "exec of true by tracing it, by preloading" \
	"$msealctl exec --via=ptrace -- true" "$msealctl exec --via=preload -- true"

# the program itself: python3 may be a script that finds one
python=$(python3 -c 'import sys; print(sys.executable)')
python+=' -c "import ctypes, decimal, json, readline, sqlite3, ssl"'
runs=$((runs / 4))
compare "exec of python3 with extensions, following them, without" \
	"$msealctl exec --follow-dlopen -- $python" "$msealctl exec -- $python"

# As many libraries, of those that gdb needs, as make twenty objects with their own.
choose_objects() {
	local library

	preload=
	while read -r library; do
		preload=$preload${preload:+:}$library
		(($(LD_TRACE_LOADED_OBJECTS=1 LD_PRELOAD=$preload cat | wc -l) < 20)) || return 0
	done < <(ldd "$(type -P gdb)" | awk '$3 ~ "^/" { print $3 }')
}

# start_many_objects: a program with one thread and these objects, in $target
start_many_objects() {
	local line

	coproc objects { LD_PRELOAD=$preload exec cat; }
	target=$objects_PID
	echo ready >&"${objects[1]}"
	read -r line <&"${objects[0]}"
	[[ $line == ready ]]
}

end_many_objects() {
	local input=${objects[1]} last=$target

	exec {input}>&-
	wait "$last"
}

# How long the program is stopped: msealctl says it itself; of gdb, from its first
# command to its last one, which is in its favour.
bench_stop() {
	local i calls times from to objects_seen
	local -a calling

	type -P gdb >/dev/null || {
		echo "bench: gdb is needed" >&2
		return 1
	}
	choose_objects
	for ((i = 0; i < rounds; i++)); do
		start_many_objects
		"$msealctl" attach --verbose --noheadings --raw --output=OBJECT "$target" \
			>"$folder/rows" 2>"$folder/log"
		calls=$(wc -l <"$folder/rows")
		objects_seen=$(sort -u "$folder/rows" | wc -l)
		mapfile -t calling < <(yes -- $'-ex\ncall (long)syscall(39)' | head -n $((2 * calls)))
		gdb -nx -p "$target" -batch -ex 'shell date +%s%N' "${calling[@]}" \
			-ex 'shell date +%s%N' >"$folder/gdb" 2>>"$folder/log"
		end_many_objects
		times=$(grep -xE '[0-9]{19}' "$folder/gdb")
		from=${times%%$'\n'*} to=${times##*$'\n'}
		sed -nE "s/.*was stopped for ([0-9.]+) ms.*/[\1, $(((to - from) / 1000)) , $calls, $objects_seen]/p" \
			"$folder/log"
	done >"$folder/rounds"
	jq -rs '
		def middle: sort | .[length / 2 | floor];
		def digits: . * 100 | round / 100;
		"stop of a program with \(.[0][3]) objects for \(.[0][2]) calls, of gdb for as many: " +
		"\(map(.[0] * 1000 / .[1]) | middle * 1000 | digits / 1000) times as long" +
		" (\(map(.[0]) | middle | digits) ms, \(map(.[1] / 1000) | middle | digits) ms)"' \
		"$folder/rounds"
}

bench_stop
