#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# How many instructions the patches cost: the loops of loops.c on a patched and on an
# unpatched kernel, in a QEMU that counts instructions.  The numbers are the same on every
# host, however busy it is.
set -euo pipefail

usage() {
	cat <<'END'
Usage: run.sh [--linux=VERSION] [PATCHED UNPATCHED]

Prints, for each loop, the instructions of one turn on the unpatched kernel, and by how
many percent there are more on the patched one: where nothing is sealed in the process, and
where something is that the loop does not touch.  PATCHED and UNPATCHED are kernels; without
them, ../build.sh makes them.
END
}

die() {
	printf 'run.sh: %s\n' "$*" >&2
	exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=()
if [[ ${1-} == --linux=* ]]; then
	version=("$1")
	shift
fi
(($# == 0 || $# == 2)) || {
	usage >&2
	exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_initrd() {
	mkdir -p "$work/initrd/dev"
	gcc -O2 -static -o "$work/initrd/init" "$here/loops.c"
	(cd "$work/initrd" && find . | cpio --quiet -o -H newc) >"$work/initrd.cpio"
}

# measure KERNEL: the lines of loops.c
measure() {
	timeout 900 qemu-system-x86_64 -accel tcg -icount shift=0,sleep=off -cpu max -machine pc \
		-m 512 -nodefaults -no-user-config -no-reboot -display none -serial stdio \
		-kernel "$1" -initrd "$work/initrd.cpio" \
		-append "console=ttyS0 quiet loglevel=0 panic=-1 reboot=t norandmaps" </dev/null |
		tr -d '\r'
}

if (($# == 0)); then
	patched=$("$here/../build.sh" "${version[@]}" bench)/kernel
	unpatched=$("$here/../build.sh" "${version[@]}" bench unpatched)/kernel
	set -- "$patched" "$unpatched"
fi
make_initrd
measure "$1" >"$work/patched"
measure "$2" >"$work/unpatched"
if ! grep -qx end "$work/patched" || ! grep -qx end "$work/unpatched"; then
	cat "$work/patched" "$work/unpatched" >&2
	die "a kernel did not get to the end"
fi
awk '
function percent(now, then) { return sprintf("%+.2f %%", (now - then) * 100 / then) }
FILENAME ~ /unpatched$/ && $1 == "unsealed" { base[$2] = $3; order[++n] = $2; next }
$1 == "unsealed" || $1 == "sealed" { count[$1, $2] = $3 }
END {
	printf "%-24s%14s%12s%12s\n", "", "instructions", "no seals", "seals"
	for (i = 1; i <= n; i++)
		printf "%-24s%14d%12s%12s\n", order[i], base[order[i]],
			percent(count["unsealed", order[i]], base[order[i]]),
			percent(count["sealed", order[i]], base[order[i]])
}' "$work/unpatched" "$work/patched"
