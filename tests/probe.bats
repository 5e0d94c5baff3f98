#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

value_of() { msealctl probe -n -r -o ITEM,VALUE | sed -n "s/^$1 //p"; }

@test "every item of probe has yes or no, and a detail" {
	run msealctl probe -n -r
	for item in mseal seal-types enforced smaps-seal procmap-query ptrace \
		seccomp-suspend shim system-mappings-sealed userfaultfd; do
		assert_line --regexp "^$item (yes|no) [^ -][^ ]+$"
	done
	assert_equal "${#lines[@]}" 10
}

@test "probe exits 0 where there is mseal, 2 where not" {
	if "$helpers/trymut" probe; then
		run -0 --separate-stderr msealctl probe
		refute_stderr
		assert_equal "$(value_of mseal) $(value_of enforced)" 'yes yes'
	else
		run -2 msealctl probe
		assert_equal "$(value_of mseal) $(value_of enforced)" 'no no'
	fi
}

@test "probe's smaps-seal is what smaps shows of a sealed page" {
	requires mseal ptrace
	start "$helpers/victim"
	run -0 msealctl attach --seal=text:@exe "$pid"
	assert_equal "$(value_of smaps-seal)" "$([[ $(sealed_count "$pid") == 0 ]] && echo no || echo yes)"
}

@test "probe names the shim that exec would use" {
	requires shim
	run msealctl probe -n -r -o ITEM,VALUE,DETAIL
	assert_line "shim yes $(realpath "$shim")"
	copy_alone
	run "$alone" probe -n -r -o ITEM,VALUE
	assert_line 'shim no'
}

@test "probe's ptrace depends on privilege" {
	requires root program:setpriv
	assert_equal "$(value_of ptrace)" yes
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$msealctl" "$BATS_TEST_TMPDIR"
	run setpriv --reuid=65534 --regid=65534 --clear-groups -- \
		"$BATS_TEST_TMPDIR/msealctl" probe -n -r -o ITEM,VALUE,DETAIL
	assert_line --regexp '^ptrace (yes|no) .*(no.*CAP_SYS_PTRACE|Yama)'
	assert_line --regexp '^seccomp-suspend no '
}

@test "probe's userfaultfd is what an unprivileged program finds" {
	requires root program:setpriv mainline
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$helpers/replacer" "$BATS_TEST_TMPDIR"
	launch setpriv --reuid=65534 --regid=65534 --clear-groups -- "$BATS_TEST_TMPDIR/replacer" memfd
	while hear && [[ $heard != ready ]]; do :; done
	say replace
	assert_equal "$heard $(value_of userfaultfd)" "$([[ $heard == userfaultfd ]] && echo userfaultfd no || echo 2 yes)"
}

@test "probe says whether userfaultfd is good or bad, in a row that fits a terminal" {
	run msealctl probe
	row=$(grep '^userfaultfd ' <<<"$output")
	[[ $row =~ ^userfaultfd\ +(yes\ +bad:|no\ +good:)\  ]] || fail "$row"
	((${#row} <= 80)) || fail "$row"
}

@test "probe says what cannot be known, and done, where /proc is not mounted" {
	requires root program:unshare program:jq plain-build
	unshare -m true 2>/dev/null || skip "no mount namespaces here"
	run --separate-stderr unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' _ "$msealctl" probe --json
	assert_equal "$(jq -c '.probe[] | select(.item | IN("smaps-seal", "procmap-query", "ptrace")) |
		[.item, .value, .detail]' <<<"$output")" \
		'["smaps-seal",null,"/proc is not mounted"]
["procmap-query",null,"/proc is not mounted"]
["ptrace",false,"/proc is not mounted"]'
}

@test "probe accepts no words" {
	run -1 --separate-stderr msealctl probe 1
	assert_output ''
	[[ $stderr == 'msealctl: '* ]]
}

@test "probe --json is one document with every item" {
	requires program:jq
	run msealctl probe --json
	run -0 jq -e 'all(.probe[]; (.item | type) == "string" and
		(.value | type) == "boolean" and (.detail | type) == "string")' <<<"$output"
}
