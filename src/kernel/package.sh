#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Make Debian packages of Debian's Linux with types of seals, to be installed.
set -euo pipefail

usage() {
	cat <<'END'
Usage: package.sh [--linux=VERSION] [--full] [--config=FILE] [--configure]

Builds linux-source-VERSION, 6.1 or 6.12, with its patches beside this script, and Debian's own
configuration for amd64, and puts the packages linux-image-* and linux-headers-* into the
current folder.  Prints their names.

  --full         with the drivers for all machines; without it, with those for virtual
                 machines, which Debian calls the cloud kernel
  --config=FILE  with another configuration, as /boot/config-*
  --configure    print the configuration, and build nothing

The kernel has no debug information, and its modules are signed with a key that is
thrown away.  JOBS is the number of compilers at a time; ccache is used if it is there.
The work is done in ${XDG_CACHE_HOME:-~/.cache}/msealctl.
END
}

say() { printf 'package.sh: %s\n' "$*" >&2; }

die() {
	say "$@"
	exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
linux=6.1 full=no base='' configure_only=no
for word in "$@"; do
	case $word in
	--linux=*) linux=${word#*=} ;;
	--full) full=yes ;;
	--config=*) base=${word#*=} ;;
	--configure) configure_only=yes ;;
	--help | -h)
		usage
		exit
		;;
	*) die "unknown word '$word'; try --help" ;;
	esac
done
patches=$here/patches/$linux
[[ $linux && -d $patches ]] ||
	die "no patches for Linux '$linux', but for: $(cd "$here/patches" && echo *)"
[[ $full == no || ! $base ]] || die "--full is a configuration, as --config is"
source=${LINUX_SOURCE:-/usr/src/linux-source-$linux.tar.xz}
[[ -e $source ]] || die "no $source: install the package linux-source-$linux"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/msealctl
jobs=${JOBS:-$(nproc)}

# Minutes of one processor, and GB while it builds.
name=-msealctl minutes=100 gigabytes=5
if [[ $base ]]; then
	what="the configuration $base"
elif [[ $full == yes ]]; then
	base=/usr/src/linux-config-$linux/config.amd64_none_amd64.xz
	what="Debian's configuration for all machines" minutes=360 gigabytes=10
else
	base=/usr/src/linux-config-$linux/config.amd64_none_cloud-amd64.xz
	what="Debian's configuration for virtual machines" name=-msealctl-cloud
fi
[[ -r $base ]] || die "cannot read $base: install the package linux-config-$linux"

# shellcheck source=src/kernel/ending.bash
source "$here/ending.bash"
mkdir -p "$cache"
remove_stale "$cache"/package-*.lock
free=$(df --output=avail -BG "$cache" | tail -n 1)
free=${free//[!0-9]/}
if [[ $configure_only == no ]]; then
	say "Linux $linux with $what"
	say "takes about $((minutes / jobs)) minutes with $jobs processors that have nothing else" \
		"to do, and $gigabytes GB in $cache, where $free GB are free"
	((free >= gigabytes)) || die "set XDG_CACHE_HOME to a folder with more space"
fi

target=$PWD
# the same each time: paths are part of what ccache compares
work=$cache/package-$linux$name
hold "$work" || die "if no other package.sh is at work there, remove $work"
log=$work/log

# Run a step with its output in the log; show the end of that if it fails.
step() {
	say "$1"
	await "${@:2}" >>"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "failed: $1"
	}
}

prepare() {
	local patch

	tar -xf "$source" -C "$work/linux" --strip-components=1 || return
	for patch in "$patches"/*.patch; do
		patch -d "$work/linux" -p1 --fuzz=0 --no-backup-if-mismatch -i "$patch" || return
	done
}

build_make() {
	make -s -C "$work/linux" O="$work/build" "${compiler[@]}" "$@"
}

# What there is to change; a kernel that signs no modules has no options for that.
fragment() {
	printf 'CONFIG_LOCALVERSION="%s"\n' "$name"
	grep '^CONFIG_MSEAL' "$here/linux-$linux.config"
	if grep -qx CONFIG_MODULE_SIG=y "$work/build/.config"; then
		grep -hv '^#' "$here/package.config"
	else
		grep -hvE '^#|MODULE_SIG|TRUSTED' "$here/package.config"
	fi
}

configure() {
	local line

	xz -dcf "$base" >"$work/build/.config" || return
	fragment >"$work/fragment"
	env -C "$work/linux" scripts/kconfig/merge_config.sh -m \
		-O "$work/build" "$work/build/.config" "$work/fragment" || return
	build_make olddefconfig || return
	while read -r line; do
		grep -qxF "$line" "$work/build/.config" || {
			printf 'this kernel does not take %s\n' "$line"
			return 1
		}
	done <"$work/fragment"
}

compiler=()
! type -P ccache >/dev/null || compiler=(CC="ccache gcc")

mkdir "$work/linux" "$work/build"
step "unpacking and patching $source" prepare
step "configuring" configure
if [[ $configure_only == yes ]]; then
	cat "$work/build/.config"
	exit
fi
step "building since $(date +%H:%M)" build_make -j "$jobs" bindeb-pkg
# not linux-libc-dev: Debian's own fits what is installed
packages=("$work"/linux-image-*.deb "$work"/linux-headers-*.deb)
mv -t "$target" "${packages[@]}"
say "built in $((SECONDS / 60)) minutes; to install it: apt-get install ./${packages[0]##*/}"
say "see the README for Secure Boot, and for how to go back"
printf '%s\n' "${packages[@]##*/}"
