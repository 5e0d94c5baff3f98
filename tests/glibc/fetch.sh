#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# fetch.sh [RELEASE]: download the C library of another Debian release (default trixie,
# which has glibc 2.41) from the mirror that this machine uses, unpack it, and print the
# folder that has its loader.  Nothing is installed; apt checks the signatures.
set -euo pipefail

release=${1:-trixie}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/msealctl/glibc-$release

find_loader() { find "$cache/root" -name 'ld-linux-x86-64.so.2' ! -path '*/lib64/*' -printf '%h\n' -quit; }

download() {
	local mirror
	local -a apt

	mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' |
		awk '$1 == "bookworm" || $1 == "stable" { print $2; exit }')
	[[ $mirror ]] || {
		echo "fetch.sh: apt knows no mirror" >&2
		return 1
	}
	rm -rf "$cache"
	mkdir -p "$cache/lists/partial" "$cache/archives/partial" "$cache/root"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" \
		>"$cache/sources.list"
	: >"$cache/status"
	apt=(apt-get -q -o "Dir::Etc::SourceList=$cache/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$cache/lists" -o "Dir::State::Status=$cache/status"
		-o "Dir::Cache=$cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
	"${apt[@]}" update
	(cd "$cache/archives" && "${apt[@]}" download libc6)
	dpkg-deb -x "$cache"/archives/libc6_*.deb "$cache/root"
	rm -r "$cache/lists" "$cache/archives"
}

[[ -e $cache/root && $(find_loader) ]] || download >&2
find_loader
