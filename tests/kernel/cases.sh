#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What only a kernel with types of seals, one without mseal, or Debian's own with mseal
# and Yama can show of msealctl.
# Runs inside of that kernel, started by run.sh; prints TAP.
set -uo pipefail

build=${TOP_BUILDDIR:?}
msealctl=$build/src/msealctl
trymut=$build/tests/helpers/trymut
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tests=0 failures=0

# test_case TITLE FUNCTION: runs it in a shell that ends with the first failure.
test_case() {
	local log status

	tests=$((tests + 1))
	# not as a condition, where "set -e" would have no effect
	log=$(
		set -eE
		trap 'echo "line $LINENO: $BASH_COMMAND"' ERR
		"$2" 2>&1
	)
	status=$?
	if ((status == 0)); then
		printf 'ok %d %s\n' "$tests" "$1"
	else
		failures=$((failures + 1))
		printf 'not ok %d %s\n' "$tests" "$1"
		printf '%s\n' "$log" | sed 's/^/# /'
	fi
}

# status_of COMMAND...: prints its exit status, and keeps its output in a file.
status_of() {
	local status=0

	"$@" >"$folder/output" 2>&1 || status=$?
	echo "$status"
}

# A program that waits for the end of our input, past its start; sets $pid.
start_program() {
	local line=

	# shellcheck disable=SC2034 # used by name
	coproc program { exec bash -c 'echo running; read -r'; }
	# shellcheck disable=SC2154 # set by coproc
	pid=$program_PID
	read -r line <&"${program[0]}"
	[[ $line == running ]]
}

types_of() {
	"$msealctl" show --raw --noheadings --seal="$1" --output=TYPES "$pid" | sort -u
}

probe_says_typed() {
	"$msealctl" probe --raw --noheadings >"$folder/output"
	grep -q '^mseal yes typed' "$folder/output"
	grep -q '^seal-types yes base' "$folder/output"
	grep -q '^enforced yes' "$folder/output"
	grep -q '^smaps-seal yes' "$folder/output"
}

exec_seals_all() {
	"$msealctl" exec -- "$trymut" >"$folder/output"
	grep -q '^text .* sealed @exe$' "$folder/output"
	! grep -v ' sealed ' "$folder/output" || return 1
}

exec_seals_prot_pkey() {
	"$msealctl" exec --types=base,prot-pkey -- "$trymut" >"$folder/output"
	grep -q '^relro .* sealed @exe$' "$folder/output"
	! grep -v ' sealed ' "$folder/output" || return 1
}

# base alone leaves mprotect() free, which trymut takes for open
exec_seals_base_only() {
	[[ $(status_of "$msealctl" exec --types=base -- "$trymut") == 3 ]]
	grep -q '^text .* open @exe$' "$folder/output"
	# shellcheck disable=SC2016 # for that shell
	"$msealctl" exec --types=base -- bash -c '
		[[ $("$1" show --raw --noheadings --seal=text:@exe --output=TYPES $$) == base ]]
		' - "$msealctl"
}

attach_adds_types() {
	start_program
	"$msealctl" attach --seal=text --types=base "$pid"
	[[ $(types_of text) == base ]]
	"$msealctl" attach --seal=text --types=discard "$pid"
	[[ $(types_of text) == base,discard ]]
	"$msealctl" attach --seal=text "$pid"
	[[ $(types_of text) == all ]]
	[[ $("$msealctl" show --raw --noheadings --seal=relro --output=SEALED "$pid" |
		sort -u) == no ]]
}

attach_implies_base() {
	start_program
	"$msealctl" attach --seal=text --types=prot-pkey "$pid"
	[[ $(types_of text) == base,prot-pkey ]]
}

seal_refuses_more() {
	start_program
	"$msealctl" attach --seal=text --types=seal "$pid"
	[[ $(status_of "$msealctl" attach --seal=text --types=base "$pid") == 3 ]]
	grep -q 'failed.*sealed against further seal types' "$folder/output"
	[[ $(types_of text) == seal ]]
	# what is there is no failure
	"$msealctl" attach --seal=text --types=seal "$pid"
}

check_looks_at_types() {
	start_program
	"$msealctl" attach --seal=text --types=base "$pid"
	"$msealctl" check --quiet --seal=text --types=base "$pid"
	[[ $(status_of "$msealctl" check --seal=text --types=base,prot-pkey "$pid") == 3 ]]
	[[ $(status_of "$msealctl" check --seal=text "$pid") == 3 ]]
}

program_survives() {
	start_program
	"$msealctl" attach --seal=text,rodata,relro,data,stack,heap "$pid"
	echo end >&"${program[1]}"
	wait "$pid"
}

replaceable_code() {
	"$msealctl" show --raw --noheadings --output=SEALED,HAZARD "--seal=0x$1-0x$2" "$pid"
}

# A program in a memfd that tries to replace a function of its own.
code_stays() {
	local heard word start end

	# shellcheck disable=SC2034 # used by name
	coproc program { exec "$build/tests/helpers/replacer" memfd; }
	# shellcheck disable=SC2154 # set by coproc
	read -r _ pid <&"${program[0]}"
	read -r _ start end <&"${program[0]}"
	read -r word <&"${program[0]}"
	[[ $word == ready ]]
	[[ $(replaceable_code "$start" "$end") == 'no replaceable' ]]
	"$msealctl" attach --quiet --seal=text:@exe "$pid"
	[[ $(replaceable_code "$start" "$end") == 'yes none' ]]
	echo replace >&"${program[1]}"
	read -r heard <&"${program[0]}"
	# user-mode Linux may have no userfaultfd(2), which is as good
	[[ $heard == register || $heard == userfaultfd ]]
}

smaps_readers_work() {
	local first second

	type -P pmap >/dev/null || return 0
	"$msealctl" exec -- sleep 100 &
	pid=$!
	until [[ -n $(types_of text:@exe 2>/dev/null) ]]; do kill -0 "$pid"; done
	pmap -X "$pid" >"$folder/X" && pmap -XX "$pid" >"$folder/XX"
	grep -qw Seals "$folder/X" && grep -qw sl "$folder/XX"
	# each row has as many numbers as there are headings before the name
	first=$(awk 'NR == 2 { print NF }' "$folder/X")
	second=$(awk '$NF == "libc.so.6" { print NF; exit }' "$folder/X")
	kill "$pid"
	[[ $first == "$second" ]]
}

nothing_to_seal_with() {
	[[ $(status_of "$msealctl" probe) == 2 ]]
	[[ $(status_of "$msealctl" exec -- true) == 125 ]]
	grep -q 'this kernel has no mseal(2)' "$folder/output"
	[[ $("$msealctl" exec --best-effort -- echo word 2>/dev/null) == word ]]
}

attach_has_nothing() {
	start_program
	[[ $(status_of "$msealctl" attach "$pid") == 2 ]]
	grep -q 'this kernel has no mseal(2)' "$folder/output"
	[[ $(status_of "$msealctl" check --quiet "$pid") == 3 ]]
	! "$msealctl" show --raw --noheadings --output=SEALED "$pid" | grep -v '^no$' || return 1
}

# Debian's 6.12: mainline mseal, Yama

probe_says_mainline() {
	"$msealctl" probe --raw --noheadings >"$folder/output"
	grep -qxF 'mseal yes mainline\x20mseal(2)' "$folder/output"
	grep -q '^enforced yes' "$folder/output"
	grep -q '^smaps-seal yes' "$folder/output"
}

types_are_refused() {
	start_program
	[[ $(status_of "$msealctl" attach --types=base "$pid") == 2 ]]
	grep -q '^msealctl: .*types' "$folder/output"
	[[ $(status_of "$msealctl" exec --types=base -- true) == 125 ]]
	[[ $(status_of "$msealctl" attach --types=all "$pid") == 0 ]]
}

forbidden_is_refused() {
	"$msealctl" exec -- "$trymut"
}

# A copy of msealctl that every user can run, and a process of the user nobody.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }

# 230: clock_nanosleep()
start_nobody() {
	chmod 755 "$folder"
	cp "$msealctl" "$build/src/libmsealctl.so" "$folder"
	(exec setpriv --reuid=65534 --regid=65534 --clear-groups -- sleep 100) &
	pid=$!
	until grep -q '^230 ' "/proc/$pid/syscall"; do kill -0 "$pid"; done
}

# yama_refuses SCOPE REASON COMMAND...: attach by COMMAND fails with REASON, and probe says the same
yama_refuses() {
	local scope=$1 reason=$2

	shift 2
	echo "$scope" >/proc/sys/kernel/yama/ptrace_scope
	[[ $(status_of "$@" "$folder/msealctl" attach "$pid") == 1 ]]
	grep -qF "msealctl: $pid: cannot attach: $reason" "$folder/output"
	"$@" "$folder/msealctl" probe --raw --noheadings --output=ITEM,VALUE,DETAIL >"$folder/output"
	grep -q "^ptrace no Yama.*$scope" "$folder/output"
	# where a security module labels processes, exec has to trace to see whether the shim came
	if ((scope == 1)) || ! cat /proc/self/attr/current >/dev/null 2>&1; then
		[[ $("$@" "$folder/msealctl" exec -- echo sealed) == sealed ]]
	else
		[[ $(status_of "$@" "$folder/msealctl" exec -- echo sealed) == 125 ]]
		grep -qF "$reason" "$folder/output"
	fi
}

yama_is_named() {
	start_nobody
	as_nobody "$folder/msealctl" attach --dry-run "$pid"
	yama_refuses 1 'Yama lets only ancestors trace a process (ptrace_scope is 1)' as_nobody
	yama_refuses 2 'Yama reserves tracing for CAP_SYS_PTRACE (ptrace_scope is 2)' as_nobody
	"$msealctl" attach "$pid"
	yama_refuses 3 'Yama forbids all tracing (ptrace_scope is 3)' as_nobody
	yama_refuses 3 'Yama forbids all tracing (ptrace_scope is 3)' env
	kill "$pid"
}

case ${1-} in
mainline)
	test_case "probe names mainline mseal" probe_says_mainline
	test_case "types of seals are refused" types_are_refused
	test_case "exec: every forbidden operation is refused" forbidden_is_refused
	# the last one: ptrace_scope 3 cannot be left
	test_case "what Yama forbids is named" yama_is_named
	;;
typed)
	test_case "probe names the types of seals" probe_says_typed
	test_case "exec seals with all types" exec_seals_all
	test_case "exec --types=base,prot-pkey denies mprotect()" exec_seals_prot_pkey
	test_case "exec --types=base permits mprotect()" exec_seals_base_only
	test_case "attach adds types" attach_adds_types
	test_case "prot-pkey brings base" attach_implies_base
	test_case "after seal, attach says why it cannot add types" seal_refuses_more
	test_case "check looks at the types" check_looks_at_types
	test_case "a program runs on with everything sealed" program_survives
	test_case "sealed code in shared memory is not replaced" code_stays
	test_case "pmap reads smaps" smaps_readers_work
	;;
none)
	test_case "probe and exec say that there is no mseal" nothing_to_seal_with
	test_case "attach, check and show say that there is no mseal" attach_has_nothing
	;;
*)
	echo "cases.sh: 'mainline', 'typed' or 'none'" >&2
	exit 1
	;;
esac
printf '1..%d\n' "$tests"
((failures == 0))
