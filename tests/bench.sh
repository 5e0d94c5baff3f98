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
