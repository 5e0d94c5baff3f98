#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Build Debian's Linux with types of seals and their self-test, or find what was built before.
set -euo pipefail

usage() {
	cat <<'END'
Usage: build.sh [--linux=VERSION] uml|qemu|bench|aarch64 [without-mseal|unpatched|debug]

Builds linux-source-VERSION, 6.1 or 6.12, with its patches beside this script, and prints
the folder that has "kernel" and its self-test "mseal_test": for user-mode Linux, or for
QEMU (x86-64), there also as a 32-bit program "mseal_test32" if gcc can make one (package
gcc-12-multilib).  6.12 has mainline's own test, too: "mainline_test".  "aarch64" is for
QEMU and that architecture, with pages of 64 KiB.

With "without-mseal", the patched kernel has CONFIG_MSEAL off, which only 6.1 can have;
with "debug", which is for QEMU, it looks for mistakes in locking and memory.  "bench" is
for bench/run.sh, which compares it with an "unpatched" one; neither has a self-test.

What is built is kept in ${XDG_CACHE_HOME:-~/.cache}/msealctl, as long as the patches,
the configuration, the version of the source and of the compiler stay the same.
About 2 GB are needed there while building, and 4 to 6 minutes of two processors that have
nothing else to do.  What was kept may be removed at any time.
END
}

die() {
	printf 'build.sh: %s\n' "$*" >&2
	exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
linux=6.1
if [[ ${1-} == --linux=* ]]; then
	linux=${1#--linux=}
	shift
fi
patches=$here/patches/$linux
[[ $linux && -d $patches ]] ||
	die "no patches for Linux '$linux', but for: $(cd "$here/patches" && echo *)"
source=${LINUX_SOURCE:-/usr/src/linux-source-$linux.tar.xz}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/msealctl
jobs=${JOBS:-$(nproc)}
configs=("$here/linux-$linux.config")
self_test=mm/mseal_types.c
[[ $linux != 6.1 ]] || self_test=vm/mseal_test.c
machine=${1-}
cc=gcc

case $machine in
uml)
	configs+=("$here/uml.config") target=linux image=linux
	arch=(ARCH=um SUBARCH=x86_64)
	;;
qemu)
	configs+=("$here/x86.config") target=bzImage image=arch/x86/boot/bzImage
	arch=(ARCH=x86_64)
	;;
bench)
	configs+=("$here/bench/bench.config") target=bzImage image=arch/x86/boot/bzImage
	arch=(ARCH=x86_64)
	;;
aarch64)
	configs+=("$here/aarch64.config") target=Image image=arch/arm64/boot/Image
	arch=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)
	cc=aarch64-linux-gnu-gcc-12
	;;
*)
	usage >&2
	exit 1
	;;
esac
without=
patched=("$patches"/*.patch)
case ${2-} in
'') ;;
without-mseal)
	[[ $linux == 6.1 ]] || die "Linux $linux always has mseal()"
	without=CONFIG_MSEAL
	;;
unpatched) without=CONFIG_MSEAL patched=() ;;
debug) configs+=("$here/debug.config") ;;
*) die "unknown word '$2'" ;;
esac

# Debian has <asm/*.h> in the folder for 64 bits alone
m32=(-m32 -idirafter "/usr/include/$(gcc -print-multiarch)")
can_build_32bit() {
	gcc "${m32[@]}" -static -x c -o /dev/null - 2>/dev/null <<'END'
#include <linux/types.h>
int main(void) { return 0; }
END
}

with_32bit=no
[[ $1 != qemu ]] || ! can_build_32bit || with_32bit=yes
[[ -e $source ]] || die "no $source: install the package linux-source-$linux"
# a tarball has no name for what is in it; its time and size differ between versions
key=$({
	cat "${patched[@]}" "${configs[@]}" "$here/build.sh"
	printf '%s\n' "$without" "$with_32bit"
	stat -c '%s %Y' "$source"
	"$cc" --version
} | sha256sum | cut -c 1-16)
result=$cache/kernel-$linux-$1-$key

if [[ -e $result/kernel ]]; then
	printf '%s\n' "$result"
	exit
fi

# shellcheck source=src/kernel/ending.bash
source "$here/ending.bash"
mkdir -p "$cache"
remove_stale "$cache"/build.*.lock
work=$(mktemp -d -u "$cache/build.XXXXXX")
hold "$work" || die "cannot make $work"
log=$work/log

# Run a step with its output in the log; show the end of that if it fails.
step() {
	printf 'build.sh: %s\n' "$1" >&2
	await "${@:2}" >>"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "failed: $1"
	}
}

apply_patches() {
	local patch

	for patch in "${patched[@]}"; do
		patch -d "$work/linux" -p1 --fuzz=0 --no-backup-if-mismatch -i "$patch" || return
	done
}

build_make() {
	make -s -C "$work/linux" O="$work/build" "${arch[@]}" "${compiler[@]}" "$@"
}

configure() {
	local line

	build_make tinyconfig || return
	sed "/^${without:-none}=/s/.*/# $without is not set/" "${configs[@]}" >"$work/fragment"
	env -C "$work/linux" "${arch[@]}" scripts/kconfig/merge_config.sh -m \
		-O "$work/build" "$work/build/.config" "$work/fragment" || return
	build_make olddefconfig || return
	while read -r line; do
		[[ $line != CONFIG_* ]] || grep -qxF "$line" "$work/build/.config" || {
			printf 'this kernel does not take %s\n' "$line"
			return 1
		}
	done <"$work/fragment"
}

build_tests() {
	local folder=$work/linux/tools/testing/selftests
	local test=$folder/$self_test mainline=$folder/mm/mseal_test.c

	[[ -e $test && $machine != bench ]] || return 0
	"$cc" -O2 -static -o "$work/result/mseal_test" "$test" || return
	[[ $with_32bit == no ]] ||
		gcc "${m32[@]}" -O2 -static -o "$work/result/mseal_test32" "$test" || return
	# whose number is not in the host's headers
	[[ ! -e $mainline ]] ||
		"$cc" -O2 -static -D__NR_mseal=462 -o "$work/result/mainline_test" "$mainline"
}

compiler=(CC="$cc")
! type -P ccache >/dev/null || compiler=(CC="ccache $cc")

mkdir "$work/linux" "$work/build" "$work/result"
step "unpacking $source" tar -xf "$source" -C "$work/linux" --strip-components=1
step "patching Linux $(make -s -C "$work/linux" kernelversion)" apply_patches
step "configuring" configure
step "building, which takes two idle processors 4 to 6 minutes" build_make -j "$jobs" "$target"
step "building its self-test" build_tests
cp "$work/build/$image" "$work/result/kernel"
cp "$work/build/.config" "$work/result/config"
# another build may have been faster
mv -T "$work/result" "$result" 2>/dev/null || [[ -e $result/kernel ]] ||
	die "cannot write $result"
printf 'build.sh: built in %d s: %s, %s; all that is kept there: %s\n' "$SECONDS" \
	"$result" "$(du -sh "$result" | cut -f 1)" "$(du -sh "$cache" | cut -f 1)" >&2
printf '%s\n' "$result"
