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
with the rights of the caller.  Its exit status is passed on; 125 if there is none.

COMMAND has no input, and what it prints on both outputs arrives on the standard
output.  MEMORY is the size of the machine's memory (1024M).
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
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[[ $machine == uml || $machine == qemu ]] || die "unknown machine '$machine'"
[[ -r $kernel ]] || die "cannot read $kernel"
work=$(mktemp -d "${TMPDIR:-/tmp}/msealctl-kernel.XXXXXX")
trap 'rm -rf "$work"' EXIT
case $work in
*[[:space:]\"]*) die "TMPDIR with blanks does not go on a kernel's command line" ;;
esac
gcc -O2 -static -o "$work/init" "$here/init.c" || die "cannot build init"

# The command, for a shell in there: init has only the kernel's own environment.
interactive=no
(($# > 0)) || interactive=yes
{
	for name in HOME LANG PATH TERM USER; do
		[[ -z ${!name-} ]] || printf 'export %s=%q\n' "$name" "${!name}"
	done
	printf 'cd -- %q || exit 125\n' "$PWD"
	if (($# > 0)); then
		printf 'exec'
		printf ' %q' "$@"
		printf '\n'
	else
		printf 'exec bash -i\n'
	fi
} >"$work/command"

# Words for our init; the kernel puts those that it does not know into its environment.
words=(rw quiet loglevel=0 panic=-1 "init=$work/init" "MSEALCTL_INTERACTIVE=$interactive")

boot_uml() {
	local input=null folder=/dev/shm
	local -i free

	[[ $interactive == no ]] || input=fd:0
	# the machine's memory is a file; a container's /dev/shm may be small
	free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) || free=0
	((free >= 1100000)) || folder=$work
	exec env HOME="$work" TMPDIR="$folder" "$kernel" "mem=$memory" root=/dev/root \
		rootfstype=hostfs rootflags=/ con=null "con0=$input,fd:1" \
		MSEALCTL_TERMINAL=/dev/tty0 "${words[@]}" 2>"$work/messages"
}

# TCG even if /dev/kvm can be opened: some hosts let guests be made that never run.
boot_qemu() {
	local p9=trans=virtio,version=9p2000.L,msize=262144,cache=loose,access=any
	local -a initrd=()

	# a kernel with its drivers in modules
	if [[ -e ${kernel%/*}/initrd ]]; then
		initrd=(-initrd "${kernel%/*}/initrd")
		words+=("MSEALCTL_ROOT=$p9" "MSEALCTL_INIT=$work/init")
	fi
	exec qemu-system-x86_64 -accel tcg -cpu max -machine pc -m "$memory" \
		-nodefaults -no-user-config -no-reboot -display none -serial stdio \
		-fsdev local,id=root,path=/,security_model=none,multidevs=remap \
		-device virtio-9p-pci,fsdev=root,mount_tag=root -kernel "$kernel" \
		"${initrd[@]}" \
		-append "console=ttyS0 root=/dev/root rootfstype=9p rootflags=$p9 \
tsc=reliable no_timer_check norandmaps reboot=t MSEALCTL_RESET=yes \
MSEALCTL_TERMINAL=/dev/ttyS0 ${words[*]}" 2>"$work/messages"
}

boot() {
	if [[ $machine == qemu ]]; then
		boot_qemu
	else
		boot_uml
	fi
}

# In the background, so that a signal ends the machine and not only this script.
if [[ $interactive == yes ]]; then
	boot <&0 &
else
	boot </dev/null &
fi
pid=$!
trap 'kill "$pid" 2>/dev/null || true; exit 125' TERM HUP INT
status=0
wait "$pid" || status=$?
if [[ ! -s $work/status ]]; then
	cat "$work/messages" >&2 || true
	die "the kernel ended, with status $status, before the command"
fi
exit "$(<"$work/status")"
