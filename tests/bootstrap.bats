#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The words of ./bootstrap and of the scripts for other architectures, as far as nothing has
# to be installed or built for them.

load helpers

bootstrap() { "$TOP_SRCDIR/bootstrap" "$@"; }

# refused MESSAGE WORD...
refused() {
	run -1 bootstrap "${@:2}"
	assert_output "bootstrap: $1"
}

@test "words that do not go together are refused, before anything is installed" {
	refused "only 'kernel' takes --linux, --qemu and a command; try --help" build --qemu
	refused "only 'kernel' takes --linux, --qemu and a command; try --help" run -- true
	refused "--package is for 'kernel', without --qemu or a command; try --help" run --package
	refused "--package is for 'kernel', without --qemu or a command; try --help" kernel --package --qemu
	refused "--package is for 'kernel', without --qemu or a command; try --help" kernel --package -- true
	refused "--full is for --package; try --help" kernel --full
	refused "unknown word 'fast'; try --help" kernel fast
	refused "no patches for Linux '7', but for: 6.1 6.12" kernel --linux=7
	refused "no patches for Linux '', but for: 6.1 6.12" kernel --package --linux=
}

@test "--help names every option" {
	run -0 bootstrap --help
	for word in --all --full --linux --no-install --package --qemu; do
		assert_output --partial -- "$word"
	done
}

@test "vm/run.sh says what it lacks, and how to make it" {
	local run=$TOP_SRCDIR/tests/vm/run.sh folder=$BATS_TEST_TMPDIR/none

	run -125 "$run" z80 -- true
	assert_output "run.sh: unknown architecture 'z80': it is aarch64 or riscv64"
	run -125 "$run" riscv64 --build="$folder" -- true
	assert_output --regexp "^run.sh: there is no build for riscv64 in $folder: make it with \
mkdir $folder && cd $folder && [^ ]*/tests/cross/configure.sh riscv64 && make\$"
	for script in "$run" "$TOP_SRCDIR/tests/cross/configure.sh"; do
		run -0 "$script" --help
		assert_output --partial 'aarch64|'
	done
}

@test "a package is refused without its source, its configuration or space" {
	local package=$TOP_SRCDIR/src/kernel/package.sh

	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR
	LINUX_SOURCE=$BATS_TEST_TMPDIR/none run -1 "$package"
	assert_output "package.sh: no $BATS_TEST_TMPDIR/none: install the package linux-source-6.1"
	export LINUX_SOURCE=$BATS_TEST_TMPDIR/source
	touch "$LINUX_SOURCE"
	run -1 "$package" --config="$BATS_TEST_TMPDIR/none"
	assert_output "package.sh: cannot read $BATS_TEST_TMPDIR/none: install the package linux-config-6.1"
	run -1 "$package" --full --config=/dev/null
	assert_output 'package.sh: --full is a configuration, as --config is'
	run -1 "$package" --linux=7
	assert_output "package.sh: no patches for Linux '7', but for: 6.1 6.12"
}

@test "a package is refused where there is no space for it" {
	unshare --map-root-user --mount true || skip "needs user namespaces"
	mkdir "$BATS_TEST_TMPDIR/small"
	touch "$BATS_TEST_TMPDIR/source"
	# shellcheck disable=SC2016 # for that shell
	XDG_CACHE_HOME=$BATS_TEST_TMPDIR/small LINUX_SOURCE=$BATS_TEST_TMPDIR/source JOBS=2 \
		run -1 unshare --map-root-user --mount bash -c '
		mount -t tmpfs -o size=1m small "$XDG_CACHE_HOME" && exec "$0" --config=/dev/null
	' "$TOP_SRCDIR/src/kernel/package.sh"
	assert_line --regexp 'takes about [0-9]+ minutes with 2 processors .* and [0-9]+ GB in .*, where [01] GB are free'
	assert_line 'package.sh: set XDG_CACHE_HOME to a folder with more space'
}

# builder SCRIPT [WORD...]: with a cache of its own, and a source that is none
builder() {
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR LINUX_SOURCE=$BATS_TEST_TMPDIR/source
	cache=$XDG_CACHE_HOME/msealctl
	touch "$LINUX_SOURCE"
	mkdir -p "$cache"
	builder=("$TOP_SRCDIR/src/kernel/$1" "${@:2}")
}

# left_in_cache NAME...: no others
left_in_cache() {
	run -0 ls "$cache"
	assert_output "$(printf '%s\n' "$@")"
}

@test "the next build removes what a killed one has left, but not what is in use" {
	local lock

	builder build.sh uml
	mkdir "$cache"/build.{killed,used,old}
	touch "$cache"/build.{killed,used}.lock "$cache/build.killed/file"
	exec {lock}<"$cache/build.used.lock"
	flock "$lock"
	run -1 "${builder[@]}" {lock}<&-
	assert_line "build.sh: failed: unpacking $LINUX_SOURCE"
	left_in_cache build.old build.used build.used.lock
}

@test "the next package does so, too, and waits for no other" {
	local lock name=package-6.1-msealctl

	builder package.sh --config=/dev/null --configure
	mkdir "$cache/$name"
	touch "$cache/$name.lock"
	run -1 "${builder[@]}"
	assert_line "package.sh: failed: unpacking and patching $LINUX_SOURCE"
	left_in_cache
	mkdir "$cache/$name"
	run -1 "${builder[@]}"
	assert_line "package.sh: if no other package.sh is at work there, remove $cache/$name"
	left_in_cache "$name"
	exec {lock}>"$cache/$name.lock"
	flock "$lock"
	run -1 "${builder[@]}" {lock}<&-
	assert_line "package.sh: if no other package.sh is at work there, remove $cache/$name"
	left_in_cache "$name" "$name.lock"
}

@test "a build that a signal ends leaves nothing" {
	builder build.sh uml
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '%s\n' '#!/bin/bash' "kill -TERM \$PPID" 'exec sleep 1000' >"$BATS_TEST_TMPDIR/bin/tar"
	chmod +x "$BATS_TEST_TMPDIR/bin/tar"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run -143 "${builder[@]}"
	assert_output "build.sh: unpacking $LINUX_SOURCE"
	left_in_cache
}

@test "what does not end by itself is killed without a word" {
	# shellcheck disable=SC2016 # for that shell
	run -143 bash -c '
		source "$0"
		trap "date >/dev/null" EXIT
		patience=0
		await bash -c "trap \"\" TERM; kill -TERM $$; sleep 1000"
	' "$TOP_SRCDIR/src/kernel/ending.bash"
	assert_output ''
}

@test "a signal leaves nothing, when it comes before the machine" {
	local tool

	mkdir "$BATS_TEST_TMPDIR"/{bin,tmp}
	for tool in mktemp mkdir gcc; do
		printf '%s\n' '#!/bin/bash' "$(type -P "$tool") \"\$@\"" "kill -TERM \$PPID" \
			>"$BATS_TEST_TMPDIR/bin/$tool"
		chmod +x "$BATS_TEST_TMPDIR/bin/$tool"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH TMPDIR=$BATS_TEST_TMPDIR/tmp \
			run -143 "$TOP_SRCDIR/src/kernel/run.sh" uml /dev/null
		rm "$BATS_TEST_TMPDIR/bin/$tool"
		run -0 ls "$BATS_TEST_TMPDIR/tmp"
		assert_output ''
	done
}
