#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Fetch Debian's own kernel with mainline mseal, 6.12, for run.sh and QEMU.
set -euo pipefail

usage() {
	cat <<'END'
Usage: debian.sh

Downloads the newest linux-image-6.12 for Debian 12, without installing it, and prints
the folder that has "kernel" and an "initrd", which mounts the host's files.  It is kept
in ${XDG_CACHE_HOME:-~/.cache}/msealctl.
END
}

die() {
	printf 'debian.sh: %s\n' "$*" >&2
	exit 1
}

(($# == 0)) || {
	usage >&2
	exit 1
}
for tool in apt-get cpio dpkg-deb gcc xz; do
	type -P "$tool" >/dev/null || die "needs $tool"
done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/msealctl
# each after those that it needs
modules=(fs/netfs/netfs net/9p/9pnet net/9p/9pnet_virtio fs/9p/9p)

package=$(apt-cache pkgnames linux-image-6.12. |
	grep -xE 'linux-image-6\.12\.[0-9]+\+deb12-amd64-unsigned' | sort -V | tail -n 1)
[[ -n $package ]] || die "apt knows no linux-image-6.12 for Debian 12"
key=$(cat "$here/debian.sh" "$here/early.c" | sha256sum | cut -c 1-16)
result=$cache/${package%-unsigned}-$key
if [[ -e $result/kernel ]]; then
	printf '%s\n' "$result"
	exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck source=src/kernel/ending.bash
source "$here/ending.bash"

fetch() {
	# root's apt would switch to a user that cannot write here
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$package") &&
		dpkg-deb -x "$work"/*.deb "$work/package"
}

make_initrd() {
	local i folder=$work/initrd

	mkdir -p "$folder"/{dev,modules,root} &&
		gcc -O2 -static -o "$folder/init" "$here/early.c" || return
	for i in "${!modules[@]}"; do
		xz -dc "$work"/package/lib/modules/*/kernel/"${modules[i]}.ko.xz" \
			>"$folder/modules/$((i + 1)).ko" || return
	done
	(cd "$folder" && find . | cpio --quiet -o -H newc) >"$work/result/initrd"
}

mkdir "$work/result"
printf 'debian.sh: fetching %s\n' "$package" >&2
await fetch >&2 || die "cannot fetch $package"
make_initrd || die "cannot make an initramfs"
cp "$work"/package/boot/vmlinuz-* "$work/result/kernel"
# another one may have been faster
mv -T "$work/result" "$result" 2>/dev/null || [[ -e $result/kernel ]] ||
	die "cannot write $result"
printf '%s\n' "$result"
