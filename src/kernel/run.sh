#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Boot a kernel on the host's files, as root, to a command or a shell.
set -euo pipefail

usage() {
	cat <<'END'
Usage: run.sh uml|qemu KERNEL [COMMAND [ARGUMENT...]]

Boots KERNEL, made by build.sh, as a user-mode process or in QEMU, and runs COMMAND, or
a shell, in the current folder.  It sees the files of this machine, and changes them
with the rights of the caller.

Where all of input, output and errors are a terminal, COMMAND has that terminal, Ctrl-C
included.  Else they are three pipes for it, and its input is read here as far as it can
be passed on, whether COMMAND wants it or not, as ssh does; /dev/null is no input.

MEMORY is the size of the machine's memory (1024M), CPUS the number of its processors
(1; QEMU can have 2).

Exit status: that of COMMAND; 128+N if signal N ended it, or this script, with the
machine; 125 if the machine was not started or ended before COMMAND, as when the kernel
panics.  There is no limit of time; "timeout 60 run.sh ..." ends it with status 124.
END
}

die() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 125
}

(($# >= 2)) || {
	usage >&2
	exit 125
}
machine=$1 kernel=$2
shift 2
memory=${MEMORY:-1024M}
cpus=${CPUS:-1}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# one that is closed
[[ -e /dev/fd/0 ]] || exec </dev/null

[[ $machine == uml || $machine == qemu ]] || die "unknown machine '$machine'"
[[ $machine == qemu || $cpus == 1 ]] || die "user-mode Linux has one processor"
[[ -r $kernel ]] || die "cannot read $kernel"
# All that runs is in the background, so that a signal ends the machine and not only this
# script.
end_all() {
	local pid

	for pid in $(jobs -p); do
		kill "$pid" 2>/dev/null || true
	done
	wait
}
# shellcheck disable=SC2317 # called by traps
end_by() {
	trap '' HUP INT TERM
	end_all
	exit $((128 + $1))
}
trap 'end_by 1' HUP
trap 'end_by 2' INT
trap 'end_by 15' TERM

# only a name, to be removed whenever a signal comes
work=$(mktemp -d -u "${TMPDIR:-/tmp}/msealctl-kernel.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work" || die "cannot make $work"
case $work in
*[[:space:]\",]*) die "TMPDIR with blanks or commas does not go on a kernel's command line" ;;
esac
gcc -O2 -static -o "$work/init" "$here/init.c" || die "cannot build init"

# A process in the background of its terminal, as below timeout, must leave that alone.
interactive=no
read -r _ _ _ _ group _ _ foreground _ <"/proc/$$/stat"
if [[ -t 0 && -t 1 && -t 2 && $group == "$foreground" ]]; then
	interactive=yes
	terminal=$(stty -g)
	# the machine leaves it raw if it is killed
	trap 'stty "$terminal"; rm -rf "$work"' EXIT
fi

# The command, for a shell in there: init has only the kernel's own environment.
{
	for name in HOME LANG PATH TERM USER; do
		[[ -z ${!name-} ]] || printf 'export %s=%q\n' "$name" "${!name}"
	done
	# which may be below another /run there
	printf 'cd -- %q 2>/dev/null || { echo %q >&2; exit 125; }\n' "$PWD" \
		"run.sh: no folder $PWD in the machine"
	if [[ $interactive == yes ]]; then
		read -r rows columns < <(stty size)
		printf 'stty rows %d cols %d\n' "$rows" "$columns"
	fi
	if (($# > 0)); then
		# which says what it cannot run; bash would name a line of this
		printf 'exec'
		printf ' %q' "$work/init" "$@"
		printf '\n'
	else
		printf 'exec bash\n'
	fi
} >"$work/command"

# Words for our init; the kernel puts those that it does not know into its environment.
words=(rw quiet loglevel=1 panic=-1 "init=$work/init")

# terminals NAME INPUT OUTPUT: names of those that the command has, or that its pipes lead
# to; errors to NAME, where a kernel that panics says so, too.
terminals() {
	words+=("MSEALCTL_TERMINAL=/dev/$1")
	if [[ $interactive == yes ]]; then
		words+=(MSEALCTL_INTERACTIVE=yes)
	else
		words+=("MSEALCTL_INPUT=/dev/$2" "MSEALCTL_OUTPUT=/dev/$3")
	fi
}

# Become "$@", which a SIGKILL of this script ends, too.
become() {
	exec setpriv --pdeathsig KILL -- "$@" 2>"$work/messages"
}

boot_uml() {
	local consoles=("con0=fd:0,fd:1") folder=/dev/shm
	local -i free

	terminals tty0 tty2 tty1
	if [[ $interactive == no ]]; then
		consoles=("con0=null,fd:3" "con1=null,fd:1" "con2=fd:0,fd:4")
		exec 0<>"$work/input.in" 1>"$work/output" 3>"$work/errors" 4<>"$work/input.out"
	fi
	# the machine's memory is a file; a container's /dev/shm may be small
	free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
	((free >= 1100000)) || folder=$work
	become env HOME="$work" TMPDIR="$folder" "$kernel" "mem=$memory" root=/dev/root \
		rootfstype=hostfs rootflags=/ con=null "${consoles[@]}" "${words[@]}"
}

# TCG even if /dev/kvm can be opened: some hosts let guests be made that never run.
boot_qemu() {
	local p9=trans=virtio,version=9p2000.L,msize=262144,cache=loose,access=any
	local -a initrd=() ports=(-chardev "stdio,id=errors,signal=off" -serial chardev:errors)

	terminals ttyS0 hvc0 ttyS1
	[[ $interactive == yes ]] || ports=(
		-serial "file:$work/errors" -serial "file:$work/output"
		-chardev "pipe,id=input,path=$work/input"
		-device "virtio-serial-pci,max_ports=1" -device "virtconsole,chardev=input"
	)
	# a kernel with its drivers in modules
	if [[ -e ${kernel%/*}/initrd ]]; then
		initrd=(-initrd "${kernel%/*}/initrd")
		words+=("MSEALCTL_ROOT=$p9" "MSEALCTL_INIT=$work/init")
	fi
	# in sockets of their own: the BIOS names one processor of each, and there is no ACPI
	become qemu-system-x86_64 -accel tcg -cpu max -machine pc -m "$memory" \
		-smp "$cpus,sockets=$cpus" \
		-nodefaults -no-user-config -no-reboot -display none "${ports[@]}" \
		-fsdev local,id=root,path=/,security_model=none,multidevs=remap \
		-device virtio-9p-pci,fsdev=root,mount_tag=root -kernel "$kernel" \
		"${initrd[@]}" \
		-append "console=ttyS0 root=root rootfstype=9p rootflags=$p9 \
tsc=reliable no_timer_check norandmaps reboot=t MSEALCTL_RESET=yes ${words[*]}"
}

boot() {
	if [[ $machine == qemu ]]; then
		boot_qemu
	else
		boot_uml
	fi
}

relays=() feed=

# The machine has FIFOs, never our own files, which it would change: their flags, their
# position.  We keep the outputs open for their readers until the machine has ended.
start_relays() {
	gcc -O2 -o "$work/feed" "$here/feed.c" || die "cannot build feed"
	mkfifo "$work"/{input.in,input.out,output,errors}
	exec {output}<>"$work/output" {errors}<>"$work/errors"
	cat <"$work/output" {output}>&- {errors}>&- &
	relays=($!)
	cat <"$work/errors" >&2 {output}>&- {errors}>&- &
	relays+=($!)
	"$work/feed" <&0 1<>"$work/input.in" 3<>"$work/input.out" {output}>&- {errors}>&- &
	feed=$!
}

# Wait for the machine; if the reader of an output ends before it, none wants more of it.
wait_for_machine() {
	local ended

	# bash has something to say of one that a signal ended, as a panic does user-mode Linux
	wait -n -p ended "$pid" "${relays[@]}" 2>/dev/null || status=$?
	[[ $ended != "$pid" ]] || return 0
	end_all
	((status <= 128)) || exit "$status"
	die "cannot write what COMMAND prints"
}

if [[ $interactive == yes ]]; then
	boot <&0 &
else
	start_relays
	boot </dev/null {output}>&- {errors}>&- &
fi
pid=$!
status=0
wait_for_machine
if [[ $interactive == no ]]; then
	exec {output}>&- {errors}>&-
	wait "${relays[@]}" || true
	kill "$feed" 2>/dev/null || true
fi
if [[ ! -s $work/status ]]; then
	cat "$work/messages" >&2 || true
	die "the kernel ended, with status $status, before the command"
fi
exit "$(<"$work/status")"
