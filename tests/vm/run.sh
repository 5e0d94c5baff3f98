#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Boot a machine of another architecture in QEMU, to tests or a command.
set -euo pipefail

usage() {
	cat <<'END'
Usage: run.sh aarch64|riscv64 [--pages=4k|16k] [--build=FOLDER] FILE.bats...
       run.sh aarch64|riscv64 [--pages=4k|16k] [--build=FOLDER] -- COMMAND [ARGUMENT...]

Runs the tests, or COMMAND as root, in that machine, which machine.sh fetches.  There
the sources are in /source and FOLDER, a build for that architecture, is in /build; the
command starts in it, and finds its msealctl in PATH.  Both are the folders of this
machine.  /tmp is empty at first.  FOLDER is ./build-ARCHITECTURE beside the sources
unless given.

What is printed on both outputs arrives on the standard output; there is no input.  The
exit status is passed on; 125 if there is none.  MEMORY is the size of the machine's
memory (1024M), PROCESSORS their number (1), LIMIT how long it may take in seconds (1500).
END
}

die() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 125
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
memory=${MEMORY:-1024M} processors=${PROCESSORS:-1} limit=${LIMIT:-1500}
arch=${1-} pages=4k build='' command=()
shift || true
while (($# > 0)); do
	word=$1
	shift
	case $word in
	--pages=*) pages=${word#*=} ;;
	--build=*) build=${word#*=} ;;
	--)
		command=("$@")
		break
		;;
	*.bats)
		((${#command[@]} > 0)) || command=(bats --formatter tap)
		command+=("/source/tests/$(basename "$word")")
		;;
	*)
		usage >&2
		exit 125
		;;
	esac
done
((${#command[@]} > 0)) || {
	usage >&2
	exit 125
}
build=$(cd "${build:-$source/build-$arch}" && pwd) || die "there is no build for $arch"
folders=$("$here/machine.sh" "$arch" "$pages") || die "there is no machine"
{ read -r boot && read -r root; } <<<"$folders"

# Its files are in the root, the only ones that it has from the start.
work=$(mktemp -d "$root/work/XXXXXX")
trap 'rm -rf "$work"' EXIT
inside=${work#"$root"}
"$arch-linux-gnu-gcc" -O2 -static -o "$work/init" "$source/src/kernel/init.c" ||
	die "cannot build init"
p9=trans=virtio,version=9p2000.L,msize=262144,cache=loose,access=any

cat >"$work/command" <<END
mount -t tmpfs tmp /tmp && mount -t 9p -o $p9 source /source &&
	mount -t 9p -o $p9 build /build && cd /build || exit 125
export HOME=/root PATH=/build/src:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
export LC_ALL=C.UTF-8 TERM=dumb TOP_SRCDIR=/source TOP_BUILDDIR=/build
END
for name in "${!MSEALCTL_TEST_@}"; do
	printf 'export %s=%q\n' "$name" "${!name}" >>"$work/command"
done
{
	printf 'exec'
	printf ' %q' "${command[@]}"
	printf '\n'
} >>"$work/command"

# Addresses that are the same in each process let QEMU use again what it has translated.
words=(rw quiet loglevel=0 panic=-1 norandmaps console=hvc0 MSEALCTL_TERMINAL=/dev/hvc0
	"MSEALCTL_ROOT=$p9" "MSEALCTL_INIT=$inside/init")
case $arch in
# the usual algorithm of pointer authentication takes most of the time of a boot
aarch64) processor=max,pauth-impdef=on ;;
riscv64) processor=rv64,v=true,vext_spec=v1.0 ;;
esac

# share NAME FOLDER: the options for that
share() {
	printf -- '-fsdev\nlocal,id=%s,path=%s,security_model=none,multidevs=remap\n' "$1" "$2"
	printf -- '-device\nvirtio-9p-pci,fsdev=%s,mount_tag=%s\n' "$1" "$1"
}
mapfile -t shares < <(share root "$root" && share source "$source" && share build "$build")

# The console is not the serial line, on which firmware prints.  QEMU is
# in the background, so that a signal ends the machine and not only this script.
timeout "$limit" "qemu-system-$arch" -accel tcg -machine virt -cpu "$processor" \
	-m "$memory" -smp "$processors" -nodefaults -no-user-config -no-reboot -display none \
	-serial null -device virtio-serial-pci -chardev stdio,id=out -device virtconsole,chardev=out \
	"${shares[@]}" -kernel "$boot/kernel" -initrd "$boot/initrd" -append "${words[*]}" \
	</dev/null 2>"$work/messages" &
pid=$!
trap 'kill "$pid" 2>/dev/null || true; exit 125' TERM HUP INT
status=0
wait "$pid" || status=$?
if [[ ! -s $work/status ]]; then
	cat "$work/messages" >&2 || true
	die "the machine ended, with status $status, before the command"
fi
exit "$(<"$work/status")"
