# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash

# What run.sh measures with.  Ratios are of times that were taken in turn, so that a busy
# machine slows both; of several, the middle one counts.

# row TITLE MS PEER RATIO FLOOR RATIO KIB CALLS
row() {
	printf '%-32s %9s  %-9s %7s  %-11s %6s  %7s %7s\n' "$@"
}

# middle FIELD: of that field of the lines of $folder/rounds, in awk's words
middle() {
	awk "{ print $1 }" "$folder/rounds" | sort -g |
		awk '{ v[NR] = $1 } END { printf "%.2f\n", v[int((NR + 1) / 2)] }'
}

# calls_of COMMAND...: how many system calls it makes, with its children; "-" if unknown
calls_of() {
	local calls=

	if perf stat -x, -e raw_syscalls:sys_enter -o "$folder/perf" "$@" &>"$folder/log"; then
		calls=$(awk -F, '$3 ~ /sys_enter/ && $1 + 0 { print $1 }' "$folder/perf")
	fi
	echo "${calls:--}"
}

# compare TITLE PEER FLOOR OURS... [::: PEER'S...] ::: FLOOR'S...: a row of commands that
# are run in turn, $runs times.  PEER and FLOOR are names; PEER is "-" if there is none.
compare() {
	local title=$1 peer=$2 floor=$3 ms kib peer_ratio=- floor_ratio word
	local -a ours=()

	shift 3
	for word; do
		[[ $word != ::: ]] || break
		ours+=("$word")
	done
	"$programs/alternate" "$runs" "$@" >"$folder/times"
	{
		read -r ms _ kib
		[[ $peer == - ]] || read -r _ peer_ratio _
		read -r _ floor_ratio _
	} <"$folder/times"
	row "$title" "$(printf %.2f "$ms")" "$peer" "$peer_ratio" "$floor" "$floor_ratio" "$kib" \
		"$(calls_of "${ours[@]}")"
}

# start COMMAND...: a target that prints its pid, which is in $pid then, once it is there
start() {
	rm -f "$folder/in" "$folder/out"
	mkfifo "$folder/in" "$folder/out"
	"$@" <"$folder/in" >"$folder/out" &
	job=$!
	exec {input}>"$folder/in" {output}<"$folder/out"
	read -r pid <&"$output"
}

finish() {
	exec {input}>&- {output}<&-
	wait "$job"
}

# gdb_ms CALLS: how long gdb stops $pid for that many calls, in ms; from its first command to
# its last one, which is in its favour
gdb_ms() {
	local times
	local -a calling

	mapfile -t calling < <(yes -- $'-ex\ncall (long)syscall(39)' | head -n $((2 * $1)))
	times=$(gdb -nx -p "$pid" -batch -ex 'shell date +%s%N' "${calling[@]}" \
		-ex 'shell date +%s%N' 2>"$folder/log" | grep -xE '[0-9]{19}')
	echo "$(((${times##*$'\n'} - ${times%%$'\n'*}) / 1000000))"
}

# attach_verbose OPTION...: sets stop, bare and gdb, in ms
attach_verbose() {
	local calls

	calls=$("$msealctl" attach --dry-run --verbose --raw --noheadings --output=START,END "$@" \
		"$pid" | awk '$1 != last { n++ } { last = $2 } END { print n }')
	"$msealctl" attach --verbose "$@" "$pid" &>"$folder/log"
	stop=$(sed -nE 's/.*was stopped for ([0-9.]+) ms.*/\1/p' "$folder/log")
	bare=$("$programs/bare" "$pid")
	gdb=0
	((!gdb_rounds || !gdb_rounds--)) || gdb=$(gdb_ms "$calls")
}

# attach_plain OPTION...: sets total and smaps, in ms, and kib; --verbose would print more
attach_plain() {
	"$programs/alternate" 1 "$msealctl" attach "$@" "$pid" >"$folder/times"
	read -r total _ kib <"$folder/times"
	"$programs/alternate" 1 cat "/proc/$pid/smaps" "/proc/$pid/smaps" >"$folder/times"
	read -r smaps _ <"$folder/times"
}

# attach TITLE GDB_ROUNDS COMMAND... [-- OPTION...]: two rows, of the stop and of the whole
# command, each of a fresh target in each of $rounds rounds
attach() {
	local title=$1 gdb_rounds=$2 i calls peer=- ratio=- word
	local stop bare gdb total smaps kib
	local -a command=() options=()

	shift 2
	((gdb_rounds == 0)) || peer=gdb
	for word; do
		shift
		[[ $word != -- ]] || break
		command+=("$word")
	done
	options=("$@")
	: >"$folder/rounds"
	for ((i = 0; i < rounds; i++)); do
		start "${command[@]}"
		attach_verbose "${options[@]}"
		finish
		start "${command[@]}"
		attach_plain "${options[@]}"
		finish
		echo "$total $kib $stop $bare $smaps $gdb" >>"$folder/rounds"
	done
	start "${command[@]}"
	calls=$(calls_of "$msealctl" attach "${options[@]}" "$pid")
	finish
	[[ $peer == - ]] || ratio=$(awk '$6 { printf "%.4f\n", $3 / $6 }' "$folder/rounds" | head -n 1)
	row "stop, $title" "$(middle '$3')" "$peer" "$ratio" bare "$(middle '$3 / $4')" - -
	row "attach, $title" "$(middle '$1')" - - smaps+stop "$(middle '$1 / ($5 + $3)')" \
		"$(middle '$2' | cut -d. -f1)" "$calls"
}
