#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The commands of another architecture, as far as qemu-user can tell, which has no mseal(2),
# no process_vm_readv(2) and no ptrace(2).  run.sh sets CROSS_ARCH and more.

bats_load_library bats-support
bats_load_library bats-assert

setup_file() {
	[[ ${CROSS_ARCH-} ]] || skip "make check-cross runs it"
	export programs=$BATS_TEST_DIRNAME/../fixtures/programs
}

setup() {
	bats_require_minimum_version 1.7.0
	msealctl=$TOP_BUILDDIR/src/msealctl
	machine=${CROSS_ARCH/#powerpc/ppc}
	cd "$BATS_TEST_TMPDIR" || exit
}

# emulate COMMAND...: as a program of that architecture, in qemu-user
emulate() { "$CROSS_QEMU" -L "$CROSS_SYSROOT" "$@"; }

# emulate_all COMMAND...: the same, and what it executes too.  The kernel starts qemu-user
# for that, in a namespace that has a list of formats of its own.
emulate_all() {
	QEMU_LD_PREFIX=$CROSS_SYSROOT unshare --user --map-root-user --mount \
		"$BATS_TEST_DIRNAME/formats.sh" "$CROSS_QEMU" "$@"
}

requires_formats() {
	run emulate_all "$msealctl" --version
	((status == 0)) || skip "no namespace with a binfmt_misc of its own: $output"
}

# Is there no tracer?
is_untraced() { [[ ! -e $TOP_SRCDIR/src/arch/$CROSS_ARCH/arch-regs-$CROSS_ARCH.h ]]; }

compile() { "$CROSS_SYSROOT/tools/cc" "$@"; }

@test "probe says what there is not" {
	run -2 emulate "$msealctl" probe -n -r -o ITEM,VALUE
	assert_line 'mseal no'
	assert_line 'shim yes'
	assert_line 'ptrace no'
	! is_untraced || {
		run -2 emulate "$msealctl" probe -n -r -o ITEM,DETAIL
		assert_line "ptrace msealctl\\x20cannot\\x20trace\\x20programs\\x20on\\x20$machine"
	}
	run -0 emulate "$msealctl" --version
	assert_line "backends: preload$(is_untraced || echo ' ptrace')"
}

@test "attach says what is missing" {
	if is_untraced; then
		run -1 emulate "$msealctl" attach $$
		assert_line -n 0 "msealctl: attach: not available on $machine"
	else
		run -2 emulate "$msealctl" attach $$
		assert_line -n 0 'msealctl: cannot seal: this kernel has no mseal(2)'
	fi
}

@test "exec without mseal runs nothing" {
	run -125 emulate "$msealctl" exec -- "$msealctl" --version
	assert_line 'msealctl: cannot seal: this kernel has no mseal(2)'
	refute_line --partial 'msealctl 0'
}

@test "exec where nothing can be traced preloads, or says why not" {
	local way

	requires_formats
	is_untraced || skip "there is a tracer for $machine"
	compile -static -o static "$programs/again.c"
	for way in auto ptrace; do
		run -3 emulate_all "$msealctl" exec --best-effort --via="$way" -- "$PWD/static"
		assert_line --partial "runs unsealed: it is statically linked"
		assert_line --partial "; and msealctl cannot trace programs on $machine"
	done
	run -3 emulate_all "$msealctl" exec --best-effort --via=preload -- "$PWD/static"
	assert_line --partial "runs unsealed: it is statically linked: no loader will load the shim"
	refute_line --partial --via=ptrace
	compile -o dynamic "$programs/again.c"
	run -3 emulate_all "$msealctl" exec --best-effort --via=ptrace -- "$PWD/dynamic"
	assert_line --partial "runs unsealed: msealctl cannot trace programs on $machine"
	run -3 emulate_all "$msealctl" exec --best-effort -- "$PWD/dynamic"
	assert_line --partial 'cannot seal: this kernel has no mseal'
	refute_line --partial 'runs unsealed'
}

@test "the shim of exec leaves nothing behind in the environment" {
	local times
	local -a constructors=([1]=-DNONE [2]=-DAGAIN)

	requires_formats
	# a constructor may execute the program once more, which is to be sealed as well
	for times in 1 2; do
		compile "${constructors[times]}" -o program "$programs/again.c"
		run -3 emulate_all "$PWD/program"
		plain=$(sort <<<"$output")
		run -3 emulate_all "$msealctl" exec --best-effort --quiet -- "$PWD/program"
		assert_equal "$(sort <<<"$output")" "$plain"
		run -3 emulate_all "$msealctl" exec --best-effort -- "$PWD/program"
		assert_equal "$(grep -c 'cannot seal: this kernel has no mseal' <<<"$output")" "$times"
	done
}

@test "exec knows programs of other machines" {
	run emulate "$msealctl" exec --best-effort -- "$BASH" -c 'exit 9'
	if ((status == 126)); then
		# of the other byte order
		assert_output "msealctl: $BASH: cannot run: Exec format error"
	else
		assert_equal "$status" 9
		assert_output --partial "runs unsealed: it is a program for another machine"
	fi
	run -127 emulate "$msealctl" exec --best-effort -- /nosuch
}
