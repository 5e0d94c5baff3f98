#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The libraries that Debian's cross compilers lack, and what cross-built programs need to run;
# for loongarch64, which has no such compiler, all that clang lacks.
set -euo pipefail

usage() {
	cat <<'END'
Usage: sysroot.sh ARCH

Downloads Debian's libraries for ARCH (aarch64, loongarch64, powerpc64le, riscv64 or s390x),
without installing them, and prints the folder.  It is kept in
${XDG_CACHE_HOME:-~/.cache}/msealctl.

Its lib and usr/lib have the loaders and the libraries that programs run with; glibc's
headers and those for linking are the cross compiler's.  There are besides

  tools/cc                the compiler
  tools/pkg-config        for the libraries that msealctl is linked with
  tools/ARCH-linux-musl-gcc, but for loongarch64
END
}

die() {
	printf 'sysroot.sh: %s\n' "$*" >&2
	exit 1
}

(($# == 1)) || {
	usage >&2
	exit 1
}
arch=$1
release=bookworm
case $arch in
aarch64) debian=arm64 ;;
powerpc64le) debian=ppc64el ;;
riscv64)
	debian=riscv64
	# the first one that has it
	release=trixie
	;;
s390x) debian=s390x ;;
loongarch64)
	debian=loong64
	release=forky
	;;
*) die "unknown architecture '$arch'" ;;
esac
packages=(libc6 libgcc-s1 libcap2 libcap-dev libpopt0 libpopt-dev libsmartcols1
	libsmartcols-dev)
tools=(apt-get dpkg-deb)
if [[ $arch == loongarch64 ]]; then
	packages+=(libc6-dev linux-libc-dev)
	tools+=(clang-19 ld.lld-19)
else
	packages+=(musl musl-dev)
	tools+=("$arch-linux-gnu-gcc-12" "$arch-linux-gnu-strip")
fi

for tool in "${tools[@]}"; do
	type -P "$tool" >/dev/null || die "needs $tool"
done
cache=${XDG_CACHE_HOME:-$HOME/.cache}/msealctl
key=$(sha256sum <"${BASH_SOURCE[0]}" | cut -c 1-16)
result=$cache/sysroot-$arch-$key
if [[ -e $result ]]; then
	printf '%s\n' "$result"
	exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/sysroot.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
root=$work/root

# From the mirror that this machine uses, with package lists of their own.
download() {
	local mirror
	local -a apt versions

	mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' |
		awk '$1 == "bookworm" || $1 == "stable" { print $2; exit }')
	[[ $mirror ]] || die "apt knows no mirror"
	mkdir -p "$work/lists/partial" "$work/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" \
		>"$work/sources.list"
	: >"$work/status"
	apt=(apt-get -q -o "APT::Architecture=$debian" -o "APT::Architectures=$debian"
		-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
		-o "Dir::State::Lists=$work/lists" -o "Dir::State::Status=$work/status"
		-o "Dir::Cache=$work" -o APT::Sandbox::User=root -o Acquire::Languages=none)
	"${apt[@]}" update || return
	if [[ $arch == loongarch64 ]]; then
		mapfile -t versions < <(apt-cache "${apt[@]:2}" pkgnames libgcc- |
			grep -xE 'libgcc-[0-9]+-dev' | sort -V)
		packages+=("${versions[0]}")
	fi
	(cd "$work/archives" && "${apt[@]}" download "${packages[@]}")
}

unpack() {
	local link package target

	# as base-files makes them since trixie; before, packages bring the folders
	if [[ $release != bookworm ]]; then
		mkdir -p "$root/usr/lib" "$root/usr/lib64"
		ln -s usr/lib usr/lib64 "$root"
	fi
	for package in "$work"/archives/*.deb; do
		dpkg-deb -x "$package" "$root" || return
	done
	rm -rf "$root"/usr/share/{doc,lintian,man}
	# links that start with / would lead out of it
	find "$root" -type l -lname '/*' -printf '%p %l\n' | while read -r link target; do
		ln -sfnr "$root$target" "$link" || return
	done
	# Debian 12's linker for riscv64 crashes on the debug information of trixie's compiler
	[[ $arch == loongarch64 ]] || "$arch-linux-gnu-strip" -g "$root/usr/lib/$arch-linux-musl/"*.[ao]
}

# tool NAME: make a script of standard input that begins with where the folder is.
tool() {
	{
		printf '%s\n' '#!/bin/sh' 'root=${0%/tools/*}'
		cat
	} >"$root/tools/$1" && chmod 755 "$root/tools/$1"
}

make_tools() {
	mkdir "$root/tools"
	if [[ $arch == loongarch64 ]]; then
		tool cc <<END
exec clang-19 --target=$arch-linux-gnu --sysroot="\$root" -fuse-ld=lld-19 \\
	-Wno-unused-command-line-argument "\$@"
END
	else
		tool cc <<END
exec $arch-linux-gnu-gcc-12 "\$@"
END
		# as musl-tools does it for the architecture of this machine
		sed '/-dynamic-linker/!s|/usr/|%R/usr/|g' \
			"$root/usr/lib/$arch-linux-musl/musl-gcc.specs" >"$root/tools/musl.specs"
		tool "$arch-linux-musl-gcc" <<END
exec $arch-linux-gnu-gcc-12 --sysroot="\$root" "\$@" -specs "\$root/tools/musl.specs"
END
	fi
	tool pkg-config <<END
PKG_CONFIG_SYSROOT_DIR=\$root
PKG_CONFIG_LIBDIR=\$root/usr/lib/$arch-linux-gnu/pkgconfig
export PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_LIBDIR
exec pkg-config "\$@"
END
}

printf 'sysroot.sh: fetching the libraries of %s\n' "$arch" >&2
download >&2 || die "cannot download the libraries"
unpack || die "cannot unpack them"
make_tools
# another one may have been faster
mv -T "$root" "$result" 2>/dev/null || [[ -e $result/tools ]] || die "cannot write $result"
printf '%s\n' "$result"
