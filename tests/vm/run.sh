#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Boot a machine of another architecture in QEMU, to tests or a command.
set -euo pipefail

usage() {
	cat <<'END'
Usage: run.sh aarch64|riscv64 [--pages=4k|16k|64k] [--build=FOLDER] FILE.bats...
       run.sh aarch64|riscv64 [--pages=4k|16k|64k] [--build=FOLDER] -- COMMAND [ARGUMENT...]

Runs the tests, or COMMAND as root, in that machine, which machine.sh fetches.  It has
copies of the tests in /source and of the programs of FOLDER, a build for that
architecture, in /build, where the command starts; msealctl is in PATH.  FOLDER is
./build-ARCHITECTURE beside the sources unless given.  The self-test of a kernel with types
of seals is in /kernel.

What is printed on both outputs arrives on the standard output; there is no input, and
nothing else is kept.  The exit status is passed on; 125 if there is none.  MEMORY is the
size of the machine's memory (1024M), PROCESSORS their number (1), LIMIT how long it may
take in seconds (1500), and MESSAGES a file for what its kernel says.
END
}

die() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 125
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(cd "$here/../.." && pwd)
memory=${MEMORY:-1024M} processors=${PROCESSORS:-1} limit=${LIMIT:-1500}
[[ ${1-} != --help ]] || {
	usage
	exit 0
}
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
case $arch in
aarch64 | riscv64) ;;
*) die "unknown architecture '$arch': it is aarch64 or riscv64" ;;
esac
build=${build:-$source/build-$arch}
[[ -d $build ]] || die "there is no build for $arch in $build: make it with" \
	"mkdir $build && cd $build && $source/tests/cross/configure.sh $arch && make"
build=$(cd "$build" && pwd)
folders=$("$here/machine.sh" "$arch" "$pages") || die "there is no machine"
{ read -r boot && read -r root; } <<<"$folders"
self_tests=("$boot"/*_test)
[[ -e ${self_tests[0]} ]] || self_tests=()

work=$(mktemp -d "${TMPDIR:-/var/tmp}/msealctl-vm.XXXXXX")
trap 'rm -rf "$work"' EXIT

# by which a call may end too late, ms: several other machines may be at work
export MSEALCTL_TEST_SLACK=${MSEALCTL_TEST_SLACK:-10000}

# What it does, and its files, are a tape for it.
{
	printf 'export %s\n' HOME=/root LC_ALL=C.UTF-8 TERM=dumb TOP_SRCDIR=/source TOP_BUILDDIR=/build \
		PATH=/build/src:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	for name in "${!MSEALCTL_TEST_@}"; do
		printf 'export %s=%q\n' "$name" "${!name}"
	done
	printf 'cd /build || exit 125\n'
	printf '%q ' "${command[@]}"
	printf '\nstatus=$?\ndmesg >/dev/vport0p2\nexit "$status"\n'
} >"$work/run.sh"
(cd "$build" && find . -path ./tests/cross -prune -o -type f -perm -u+x -print0) |
	tar -cf "$work/tape" --owner=root:0 --group=root:0 --transform='s,^\./,build/,' \
		--transform='s,^.*_test$,kernel/&,' -C "$boot" "${self_tests[@]##*/}" \
		-C "$work" run.sh -C "$source" --transform='s,^tests,source/tests,' tests \
		-C "$build" --null --files-from=- || die "cannot pack the files for it"

# Addresses that are the same in each process let QEMU use again what it has translated.
words=(quiet loglevel=0 panic=-1 norandmaps console=hvc0 MSEALCTL_TERMINAL=/dev/hvc0
	MSEALCTL_DISK=/dev/vda MSEALCTL_INIT=/init)
case $arch in
# the usual algorithm of pointer authentication takes most of the time of a boot
aarch64) processor=max,pauth-impdef=on ;;
riscv64) processor=rv64,v=true,vext_spec=v1.0 ;;
esac

# The console is not the serial line, on which firmware prints.  QEMU runs
# in the background, so that a signal ends the machine and not only this script.
timeout --foreground "$limit" "qemu-system-$arch" -accel tcg -machine virt -cpu "$processor" \
	-m "$memory" -smp "$processors" -nodefaults -no-user-config -no-reboot -display none \
	-serial null -device virtio-serial-pci \
	-chardev stdio,id=out -device virtconsole,chardev=out \
	-chardev "file,id=status,path=$work/status" -device virtserialport,nr=1,chardev=status \
	-chardev "file,id=messages,path=${MESSAGES:-/dev/null}" \
	-device virtserialport,nr=2,chardev=messages \
	-drive "file=$root/disk,format=raw,if=virtio,snapshot=on" \
	-drive "file=$work/tape,format=raw,if=virtio,readonly=on" \
	-kernel "$boot/kernel" -initrd "$boot/initrd" -append "${words[*]}" \
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
