#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What msealctl costs, in one table: beside a peer, a program that does something alike, and
# a floor, what it cannot be faster than.  README in tests/ says how it is read.
set -euo pipefail

bench=${0%/*}
msealctl=${TOP_BUILDDIR:?}/src/msealctl
programs=$TOP_BUILDDIR/tests/bench
manymaps=$TOP_BUILDDIR/tests/helpers/manymaps
mappings=${BENCH_MAPPINGS:-60000}
rounds=${BENCH_ROUNDS:-5}

for tool in gdb python3 stdbuf; do
	type -P "$tool" >/dev/null || {
		echo "bench: $tool is needed" >&2
		exit 1
	}
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck source=/dev/null
source "$bench/measure.bash"
# "ccache gcc" are two words
read -ra compile <<<"${CC:-cc} -O2 -fPIC -pthread"

# The program crowd with COUNT objects of its own, as $folder/crowd-COUNT; it is static for 1.
make_crowd() {
	local i

	if (($1 == 1)); then
		"${compile[@]}" -static -o "$folder/crowd-1" "$bench/crowd.c"
		return
	fi
	mkdir "$folder/objects-$1"
	# the program, libc and ld.so are three
	for ((i = 3; i < $1; i++)); do
		cp "$folder/empty.so" "$folder/objects-$1/$i.so"
	done
	"${compile[@]}" -o "$folder/crowd-$1" "$bench/crowd.c" -Wl,--no-as-needed \
		-Wl,-rpath,"$folder/objects-$1" "$folder/objects-$1"/*.so
}

bench_attach() {
	local n

	attach '1 object' 0 "$folder/crowd-1" 1
	attach '20 objects' "$rounds" "$folder/crowd-20" 1
	attach '100 objects' 1 "$folder/crowd-100" 1
	attach '1000 objects' 1 "$folder/crowd-1000" 1
	# how long threads take to stop differs most
	for n in 100 2000; do
		rounds=$((2 * rounds + 1)) attach "$n threads" 0 "$programs/crowd" "$n"
	done
	rounds=3 attach "$mappings mappings" 0 "$manymaps" "$mappings" -- --seal=anon
}

# These take a millisecond or some: many runs, or the clock is what is measured.
bench_exec() {
	local runs=100 n python

	compare 'exec by preload' stdbuf true "$msealctl" exec --via=preload -- true ::: \
		stdbuf -o0 true ::: true
	compare 'exec by ptrace' preload true "$msealctl" exec --via=ptrace -- true ::: \
		"$msealctl" exec --via=preload -- true ::: true
	runs=50
	for n in 20 100; do
		compare "exec, $n objects" empty.so alone "$msealctl" exec -- "$folder/crowd-$n" 0 \
			::: env "LD_PRELOAD=$folder/empty.so" "$folder/crowd-$n" 0 \
			::: "$folder/crowd-$n" 0
	done
	# the program itself: python3 may be a script that finds one
	python=$(python3 -c 'import sys; print(sys.executable)')
	set -- "$python" -c 'import ctypes, decimal, json, readline, sqlite3, ssl'
	runs=15
	compare 'exec --follow-dlopen of python3' exec alone \
		"$msealctl" exec --follow-dlopen -- "$@" ::: "$msealctl" exec -- "$@" ::: "$@"
}

bench_looks() {
	local runs=7
	local -a all=(sh -c 'cat /proc/[0-9]*/smaps 2>/dev/null; :')

	start "$manymaps" "$mappings"
	compare "show, $mappings mappings" 'pmap -XX' smaps "$msealctl" show "$pid" ::: \
		pmap -XX "$pid" ::: cat "/proc/$pid/smaps"
	finish
	runs=50
	start "$folder/crowd-100" 1
	"$msealctl" attach --quiet "$pid"
	compare 'show, 100 objects' 'pmap -XX' smaps "$msealctl" show "$pid" ::: \
		pmap -XX "$pid" ::: cat "/proc/$pid/smaps"
	compare 'check, 100 objects' - smaps "$msealctl" check "$pid" ::: cat "/proc/$pid/smaps"
	finish
	runs=15
	compare list 'ps -e' smaps "$msealctl" list ::: ps -eo pid,user,args ::: "${all[@]}"
}

"${compile[@]}" -shared -o "$folder/empty.so" -x c /dev/null
for count in 1 20 100 1000; do
	make_crowd "$count"
done
row WHAT MS PEER RATIO FLOOR RATIO KIB CALLS
bench_attach
bench_exec
bench_looks
