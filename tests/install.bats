#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# What "make install" and ./bootstrap do to a machine.

load helpers

make_here() { env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TOP_BUILDDIR" "$@"; }

@test "make uninstall leaves nothing of what make install made" {
	requires program:make
	root=$BATS_TEST_TMPDIR/root
	run -0 make_here install DESTDIR="$root"
	run -0 find "$root" -name msealctl -type f -perm -u+x
	assert [ "${#lines[@]}" -eq 1 ]
	run -0 "${lines[0]}" --version
	run -0 find "$root" -xtype l -o -path '*/examples/*' -name entrypoint ! -perm -u+x
	assert_output ''
	run -0 make_here uninstall DESTDIR="$root"
	# folders that are not msealctl's alone stay
	run -0 find "$root" ! -type d -o -name msealctl
	assert_output ''
}

@test "bootstrap check without bats says so before it builds anything" {
	cp -rs /usr/bin "$BATS_TEST_TMPDIR/bin"
	rm -f "$BATS_TEST_TMPDIR"/bin/bats
	PATH=$BATS_TEST_TMPDIR/bin run -1 --separate-stderr "$TOP_SRCDIR/bootstrap" check --no-install
	assert_output ''
	[[ $stderr == "bootstrap: bats is not installed: apt-get install bats "* ]]
}

@test "bootstrap runs configure again once 32-bit programs can be made, and no more" {
	requires m32 program:gcc program:make
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/build"
	cp "$TOP_SRCDIR/bootstrap" "$tree"
	touch "$tree/Makefile.in"
	printf 'abs_top_builddir = %s\nall:\n' "$tree/build" >"$tree/build/Makefile"
	printf '#!/bin/sh\necho configured\n' >"$tree/configure"
	chmod 755 "$tree/configure"
	# as configure leaves it without, and with them
	echo 'S["M32_TRUE"]="#"' >"$tree/build/config.status"
	run -0 env -u MAKEFLAGS "$tree/bootstrap" build --no-install
	assert_line configured
	cp "$TOP_BUILDDIR/config.status" "$tree/build"
	run -0 env -u MAKEFLAGS "$tree/bootstrap" build --no-install
	refute_line configured
}
