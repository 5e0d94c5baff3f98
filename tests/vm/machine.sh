#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Fetch a machine of another architecture, for run.sh: Debian's own kernel with mainline
# mseal, 6.12, or one with types of seals, and the programs that the tests need.
set -euo pipefail

usage() {
	cat <<'END'
Usage: machine.sh aarch64|riscv64 [4k|16k|64k]

Prints two folders: one with "kernel" and an "initrd", and one with the "disk" that this
mounts as its root, a Debian of that architecture.  Nothing is installed: both are made
of packages in ${XDG_CACHE_HOME:-~/.cache}/msealctl, and kept there.  The kernel with
pages of 64 KiB, for aarch64, is built from the source of Linux $LINUX (6.12), which must
be installed: it has types of seals, and their self-test is with it.
END
}

die() {
	printf 'machine.sh: %s\n' "$*" >&2
	exit 1
}

(($# == 1 || $# == 2)) || {
	usage >&2
	exit 1
}
arch=$1 pages=${2:-4k}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernel_sources=$here/../../src/kernel
cache=${XDG_CACHE_HOME:-$HOME/.cache}/msealctl
# each after those that it needs
modules=(drivers/block/virtio_blk crypto/crc32c_generic lib/crc16 fs/mbcache fs/jbd2/jbd2
	fs/ext4/ext4)
packages=(
	base-files base-passwd bash bats bats-assert bats-support bsdutils coreutils dash
	debianutils diffutils findutils gawk gcc grep hostname jq libc-bin libc6-dev
	libcap2-bin libpopt0 libsmartcols1 mount musl-tools ncurses-base procps python3 sed
	strace tar util-linux
)

case $arch-$pages in
aarch64-4k) debian=arm64 suite=bookworm kernel='arm64-unsigned' ;;
aarch64-16k) debian=arm64 suite=bookworm kernel='arm64-16k-unsigned' ;;
aarch64-64k) debian=arm64 suite=bookworm kernel='' ;;
riscv64-4k) debian=riscv64 suite=trixie kernel=riscv64 ;;
*) die "there is no $arch with pages of $pages" ;;
esac
PATH=$PATH:/usr/sbin:/sbin
for tool in apt-get cpio dpkg-deb "$arch-linux-gnu-gcc-12" mke2fs xz; do
	type -P "$tool" >/dev/null || die "needs $tool"
done
key=$(cat "$here/machine.sh" "$kernel_sources"/{early.c,init.c,relay.h} | sha256sum | cut -c 1-16)
if [[ -z $kernel ]]; then
	built=$("$kernel_sources/build.sh" "--linux=${LINUX:-6.12}" "$arch") ||
		die "there is no kernel"
	key+=-${built##*-}
fi
boot=$cache/vm-$arch-$pages-$key root=$cache/vm-$arch-root-${key%-*}
work=
trap '[[ -z $work ]] || rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# An APT of its own, which knows that architecture alone, and no package as installed.
set_up_apt() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	[[ -z $work ]] || return 0
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/vm.XXXXXX")
	mkdir -p "$work"/apt/{lists/partial,archives/partial,etc/apt.conf.d,etc/preferences.d}
	: >"$work/apt/status"
	printf "deb [signed-by=$keyring] http://deb.debian.org/debian%s main\n" \
		" $suite" "-security $suite-security" >"$work/apt/sources.list"
	# the security archive has not always all files of an architecture that is younger
	[[ $debian != riscv64 ]] || sed -i 2d "$work/apt/sources.list"
	cat >"$work/apt.conf" <<-END
		APT { Architecture "$debian"; Architectures { "$debian"; };
			Install-Recommends "false"; Sandbox::User "root"; };
		Acquire::Languages "none";
		Acquire::Retries "3";
		Dir "$work/apt";
		Dir::State "$work/apt";
		Dir::State::status "$work/apt/status";
		Dir::Cache "$work/apt";
		Dir::Etc "$work/apt/etc";
		Dir::Etc::sourcelist "$work/apt/sources.list";
		Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";
	END
	export APT_CONFIG=$work/apt.conf
	apt-get -qq update >&2
}

# unpack FOLDER: all that was downloaded
unpack() {
	local package

	for package in "$work"/apt/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$1" ||
			return
		rm -f "$package"
	done
}

# fetch_kernel FOLDER: an initrd with modules
fetch_kernel() {
	local name file i

	name=$(apt-cache pkgnames linux-image-6.12. |
		grep -xE "linux-image-6\.12\.[0-9]+\+deb[0-9]+-$kernel" | sort -V | tail -n 1)
	[[ -n $name ]] || die "apt knows no linux-image-6.12 for $arch"
	printf 'machine.sh: fetching %s\n' "$name" >&2
	(cd "$work/apt/archives" && apt-get -qq download "$name" >&2) || return
	mkdir "$work/package" && unpack "$work/package" || return
	for i in "${!modules[@]}"; do
		file=$(find "$work/package" -path "*/kernel/${modules[i]}.ko.xz")
		xz -dc "$file" >"$1/modules/$((i + 1)).ko" || return
	done
	cp "$work"/package/boot/vmlinu[xz]-* "$work/boot/kernel"
}

make_boot() {
	local folder=$work/initrd

	mkdir -p "$work/boot" "$folder"/{dev,modules,root}
	"$arch-linux-gnu-gcc-12" -O2 -static -o "$folder/init" "$kernel_sources/early.c" || return
	if [[ $kernel ]]; then
		fetch_kernel "$folder" || return
	else
		cp "$built"/{kernel,*_test} "$work/boot" || return
	fi
	(cd "$folder" && find . | cpio --quiet -o -H newc) >"$work/boot/initrd"
}

# What the packages' scripts would do, as far as it matters.
configure_root() {
	local name

	for name in passwd group; do
		cp "$1/usr/share/base-passwd/$name.master" "$1/etc/$name" || return
	done
	ln -sf gawk "$1/usr/bin/awk"
	ln -sf gcc "$1/usr/bin/cc"
	rm -rf "$1"/usr/share/{doc,info,locale,man}
}

# A disk, since what runs from 9p begins three times as slowly.
make_root() {
	local folder=$work/files name

	mkdir -p "$folder"/{dev,proc,sys,run,tmp} "$folder"/usr/{bin,lib,lib64,sbin} "$work/root"
	for name in bin lib lib64 sbin; do
		ln -s "usr/$name" "$folder/$name"
	done
	printf 'machine.sh: fetching the root of %s\n' "$arch" >&2
	apt-get -qq -y --download-only install "${packages[@]}" >&2 || return
	unpack "$folder" && configure_root "$folder" || return
	"$arch-linux-gnu-gcc-12" -O2 -static -o "$folder/init" "$kernel_sources/init.c" || return
	# init runs it; the disks and the port are run.sh's
	cat >"$folder/command" <<-'END'
		ldconfig
		tar -xf /dev/vdb -C / && bash /run.sh
		echo "$?" >/dev/vport0p1
	END
	mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -d "$folder" \
		"$work/root/disk" 2g >&2
}

# provide FOLDER make_NAME: unless it is there; another script may have been faster
provide() {
	[[ ! -d $1 ]] || return 0
	set_up_apt || die "cannot read Debian's lists for $arch"
	"$2" || die "cannot fetch the packages for $arch"
	mv -T "$work/${2#make_}" "$1" 2>/dev/null || [[ -d $1 ]] || die "cannot write $1"
}

provide "$boot" make_boot
provide "$root" make_root
printf '%s\n' "$boot" "$root"
