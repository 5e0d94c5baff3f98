#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

load helpers

# class_at NAME: class of the mapping that the victim calls so
class_at() {
	local address=$((start_of[$1])) first last class

	while read -r first last class; do
		((first <= address && address < last)) && echo "$class"
	done < <(msealctl show -n -r -o START,END,CLASS "$pid")
}

# Files with names that are hard to print, mapped by $pid from the folder $files.
start_with_odd_files() {
	local name arguments=()

	files=$BATS_TEST_TMPDIR/odd
	mkdir -m 777 "$files"
	for name in 'a b' $'new\nline' $'tab\t' 'x (deleted)' '[vdso]' '[stack]' 'ünï' \
		'back\slash' $'esc\033[31m' $'bad\xff' 'quo"te' "a'b" 'a,b' '*' 'a=b' '-'; do
		echo text >"$files/$name"
		arguments+=("file=$files/$name")
	done
	echo gone >"$files/gone"
	start "$helpers/victim" "${arguments[@]}" unlink="$files/gone"
}

@test "show knows every class" {
	local -A classes=(
		[text]=text [rodata]=rodata [data]=data [bss]=data [heap]=heap [stack]=stack
		[vdso]=vdso [anon-rw]=anon [anon-ro]=anon [anon-none]=anon [anon-rx]=anon
		[file-ro]=file [file-rw]=file [file-shared]=file [memfd-shared]=shm
		[shm-anon]=shm [shm-zero]=shm [shm-sysv]=shm
	)
	local name

	start "$helpers/victim"
	for name in "${!classes[@]}"; do
		assert_equal "$name $(class_at "$name")" "$name ${classes[$name]}"
	done
}

@test "show has every row of maps, with its addresses, permissions and name" {
	start "$helpers/victim"
	run -0 msealctl show -n -r -o START,END,PERM,NAME "$pid"
	# RELRO may be a part of a row, so rows are joined where they touch
	join='
		{ sub(/^0x/, "", $1); sub(/^0x/, "", $2); key = $3 " " $4 }
		key == last && $1 == end { end = $2; next }
		NR > 1 { print start, end, last }
		{ start = $1; end = $2; last = key }
		END { print start, end, last }'
	assert_equal "$(awk "$join" <<<"$output")" "$(sed 's/^\([0-9a-f]*\)-/\1 /; s/\\/\\x5c/g' "/proc/$pid/maps" |
		awk '{ name = $7; for (i = 8; i <= NF; i++) name = name "\\x20" $i
			print $1, $2, $3, (name == "" ? "-" : name) }' | awk "$join")"
}

@test "show's RELRO and code are those of the files on disk" {
	start "$helpers/victim"
	"$helpers/sealrows" "$pid" text relro | awk '{ print $1, $2, $3 }' | sort >"$BATS_TEST_TMPDIR/disk"
	run -0 msealctl show -n -r -o CLASS,START,END --seal=text,relro "$pid"
	assert_equal "$(sort <<<"$output")" "$(cat "$BATS_TEST_TMPDIR/disk")"
}

@test "show says of each region whether it is sealed" {
	requires mseal ptrace private-proc
	start "$helpers/victim"
	run -0 msealctl attach --seal=text:@exe "$pid"
	run -0 msealctl show -n -r -o CLASS,SEALED --seal=text:@exe,data:@exe "$pid"
	assert_line 'text yes'
	refute_line 'data yes'
	assert_line 'data no'
}

@test "odd names in show: a row is a line, and nothing reaches the terminal raw" {
	start_with_odd_files
	rows=$(grep -c '' "/proc/$pid/maps")
	run -0 msealctl show -v -n "$pid"
	assert [ "${#lines[@]}" -gt "$rows" ]
	[[ $output != *[$'\001'-$'\010\013'-$'\037\177']* ]]
	assert_line --partial '/odd/a b'
	assert_line --partial '/odd/new\012line'
	assert_line --partial '/odd/tab\x09'
	assert_line --partial '/odd/esc\x1b[31m'
	assert_line --partial '/odd/bad\xff'
	assert_line --partial '/odd/ünï'
	assert_line --partial '/odd/gone (deleted)'
}

@test "odd names in show: what turns a row around, or is invisible, is escaped, but in JSON" {
	local name hex escaped

	mkdir "$BATS_TEST_TMPDIR/odd"
	for name in $'\u061c' $'\u200b' $'\u200f' $'\u202a' $'\u202e' $'\u2060' $'\u2066' $'\u2069' \
		$'\ufeff' $'\U000e0041'; do
		files=$BATS_TEST_TMPDIR/odd/a${name}b
		echo text >"$files"
		start "$helpers/victim" file="$files"
		hex=$(printf %s "$name" | od -An -tx1)
		escaped=odd/a${hex// /\\x}b
		run -0 env LC_ALL=C.UTF-8 "$msealctl" show -n -o NAME --seal="name:$files" "$pid"
		assert_output --partial "$escaped"
		refute_output --partial "$name"
		run -0 env LC_ALL=C.UTF-8 "$msealctl" show --map --seal="name:$files" "$pid"
		refute_output --partial "$name"
		run -0 env LC_ALL=C.UTF-8 "$msealctl" show -J -o NAME --seal="name:$files" "$pid"
		assert_output --partial "$files"
	done
}

@test "odd names in show: a file is a file, whatever it is called" {
	start_with_odd_files
	for name in '[vdso]' '[stack]' 'x (deleted)' '-'; do
		run -0 msealctl show -n -r -o CLASS,NAME --seal="name:*/odd/$name" "$pid"
		assert_output --partial "file $files/"
	done
	run -0 msealctl show -n -r -o CLASS --seal='name:[vdso]' "$pid"
	assert_output vdso
}

@test "odd names in show: raw output has as many cells in every row" {
	start_with_odd_files
	run -0 msealctl show -r --output-all "$pid"
	assert_equal "$(awk '{ print NF }' <<<"$output" | sort -u)" 19
}

@test "show --json is valid with every kind of name, and has the right types" {
	requires program:jq
	start_with_odd_files
	msealctl show --json --output-all "$pid" >"$BATS_TEST_TMPDIR/json"
	run -0 jq -r '.regions[] | select(.class == "file" and .object != null) | .object' "$BATS_TEST_TMPDIR/json"
	assert_line "$files/a b"
	assert_line "$files/tab	"
	assert_line "$files/quo\"te"
	assert_line "$files/back\\slash"
	assert_line "$files/ünï"
	run -0 jq -e 'all(.regions[];
		(.pid | type) == "number" and
		(.start | test("^0x[0-9a-f]+$")) and (.end | test("^0x[0-9a-f]+$")) and
		(.size | type) == "number" and
		(.sealed | type) == "boolean" and
		(.types | type | IN("null", "string")) and
		(.object | type | IN("null", "string")) and
		(.name | type | IN("null", "string")))' "$BATS_TEST_TMPDIR/json"
	run -0 jq -r '.regions | length' "$BATS_TEST_TMPDIR/json"
	assert [ "$output" -ge "$(grep -c '' "/proc/$pid/maps")" ]
	run -0 jq -e --argjson page "$page" '[.regions[] | .size] | all(. % $page == 0)' "$BATS_TEST_TMPDIR/json"
}

@test "show --json is one document for several processes, and the exit status stays" {
	requires program:jq
	start "$helpers/victim"
	run -1 --separate-stderr msealctl show --json "$pid" 4194305 $$
	run -0 jq -c '[.regions[].pid] | unique | length' <<<"$output"
	assert_output 2
	run -1 --separate-stderr msealctl show --json 4194305
	run -0 jq -c . <<<"$output"
	assert_output '{"regions":[]}'
}

@test "show prints one table for several processes" {
	start "$helpers/victim"
	run -0 msealctl show -o +USER "$pid" $$
	assert_equal "$(grep -c START <<<"$output")" 1
	assert_equal "$(awk 'NR > 1 { print $1 }' <<<"$output" | uniq)" "$pid
$$"
	run -0 msealctl show --verbose "$pid" $$
	assert_equal "$(grep -c START <<<"$output")" 1
	assert_equal "$(grep -c ' not sealed$' <<<"$output")" 2
}

@test "show warns where nothing is selected" {
	run -0 --separate-stderr msealctl show --seal=all --exclude=all $$
	assert_output ''
	assert_stderr "msealctl: warning: $$: nothing is selected"
	run -0 --separate-stderr msealctl show --seal=text:nothing $$
	assert_stderr "msealctl: warning: --seal: 'text:nothing' matches nothing"
}

@test "show --seal and --exclude choose rows" {
	run -0 msealctl show -n -r -o CLASS --seal=text,stack --exclude='text:libc*' $$
	assert_equal "$(sort -u <<<"$output")" $'stack\ntext'
}

@test "show knows anonymous memory that has a name" {
	start "$helpers/victim"
	finish
	"$helpers/victim" named=x </dev/null >/dev/null 2>&1 || skip "no names for anonymous memory here"
	start "$helpers/victim" 'named=my name'
	run -0 msealctl show -n -r -o CLASS,NAME --seal='name:[anon:my name]' "$pid"
	assert_output 'anon [anon:my\x20name]'
}

@test "show of 60,000 mappings" {
	start "$helpers/victim" many=60000
	run -0 bash -c '"$1" show -n "$2" | wc -l' _ "$msealctl" "$pid"
	assert [ "$output" -ge 60000 ]
}

@test "show of a process that ends meanwhile is an error or a whole report, no crash" {
	for ((i = 0; i < 20; i++)); do
		start "$helpers/victim" many=2000
		target=$pid
		msealctl show "$target" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		reader=$!
		kill -KILL "$target"
		status=0
		wait "$reader" || status=$?
		[[ $status == 0 || $status == 1 ]] || fail "status $status"
		assert_finishes_with 137
	done
}

@test "show takes no words of /proc for PIDs" {
	run -1 --separate-stderr msealctl show self
	assert_stderr 'msealctl: self: not a PID
msealctl: hint: to find processes by name, use --name=self'
}

@test "a thousand rows are one table with one heading, and one document of JSON" {
	local rows

	launch "$helpers/manymaps" 1100
	hear
	pid=$heard
	rows=$(wc -l <"/proc/$pid/maps")
	run -0 msealctl show -o NAME,PERM "$pid"
	assert_equal "$(grep -c NAME <<<"$output")" 1
	# the paths of the first rows are longer than anything in the next ones
	assert_equal "$(printf '%s\n' "${lines[@]::1000}" | awk '{ print length($0) }' | uniq | wc -l)" 1
	run -0 msealctl show -r -n "$pid"
	((${#lines[@]} >= rows))
	run -0 --separate-stderr jq '.regions | length' <(msealctl show -J "$pid")
	((output >= rows))
	run -0 --separate-stderr jq '.regions | length' <(msealctl show -J --seal=name:none "$pid")
	assert_output 0
}

@test "show names the process: COMMAND, ARGS, USER, EXE" {
	local user=${MSEALCTL_TEST_TARGET_USER:-$(id -un 2>/dev/null || true)}

	cp "$helpers/victim" "$BATS_TEST_TMPDIR/"$'a\nb c'
	start "$BATS_TEST_TMPDIR/"$'a\nb c' threads=1 threads=2
	run -0 msealctl show -n -r -o COMMAND,ARGS,USER,EXE --seal='text:*b c' "$pid"
	odd=$BATS_TEST_TMPDIR/'a\x0ab\x20c'
	assert_output "a\\x0ab\\x20c $odd\\x20threads=1\\x20threads=2 $user $odd"
}

@test "UNIT is the first unit in the cgroup's path that is no slice, in either version" {
	local mount tried=0 cgroup

	requires root own-targets
	start "$helpers/victim"
	while read -r mount; do
		cgroup=$mount/msealctl-test.slice
		mkdir -p "$cgroup/_odd x.service/inner.scope" || continue
		echo "$pid" >"$cgroup/_odd x.service/inner.scope/cgroup.procs"
		run -0 msealctl show -n -r -o UNIT --seal=text:@exe "$pid"
		echo "$pid" >"$mount/cgroup.procs"
		rmdir "$cgroup/_odd x.service/inner.scope" "$cgroup/_odd x.service" "$cgroup"
		assert_output 'odd\x20x.service'
		tried=$((tried + 1))
	done < <(awk '$3 == "cgroup2" || $4 ~ /name=systemd/ { print $2 }' /proc/self/mounts)
	((tried > 0)) || skip "no cgroups that systemd could use here"
}

@test "HAZARD marks sealed code that the process can replace, and does" {
	requires mainline ptrace private-proc
	start "$helpers/replacer" memfd
	run -0 msealctl attach -q --seal=text:@exe "$pid"
	run -0 msealctl show -n -r -o SEALED,HAZARD \
		--seal="0x${start_of[victim]}-0x${end_of[victim]}" "$pid"
	assert_output 'yes replaceable'
	say replace
	[[ $heard != userfaultfd ]] || skip "userfaultfd(2) is not allowed here"
	assert_equal "$heard" 2
}

@test "HAZARD knows the mounts of the process, and not what lies below overlayfs" {
	local type

	requires root program:unshare own-targets
	mkdir "$BATS_TEST_TMPDIR/mount"
	cd "$BATS_TEST_TMPDIR/mount"
	for type in tmpfs overlay; do
		[[ $type == tmpfs ]] || modprobe -q overlay || grep -qw overlay /proc/filesystems ||
			skip "no overlayfs here"
		start unshare -m bash -c '
			mount -t tmpfs tmpfs . && cd "$PWD" && mkdir lower upper work merged || exit
			[[ $1 == tmpfs ]] || mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work \
				overlay merged || exit
			cp "$2" merged && exec merged/replacer' bash "$type" "$helpers/replacer"
		run -0 msealctl show -n -r -o HAZARD --seal=text:@exe "$pid"
		assert_equal "$(sort -u <<<"$output")" "$([[ $type == overlay ]] && echo - || echo replaceable)"
	done
}

@test "HAZARD is none for files on a disk" {
	requires private-proc
	[[ $(stat -f -c %T "$BASH") == ext2/ext3 ]] || skip "bash lies on no disk"
	start_shell
	run -0 msealctl show -n -r -o HAZARD --seal=text:@exe "$pid"
	assert_output none
}

@test "a signal ends show while nothing reads its output" {
	local target

	launch "$helpers/manymaps" 3000
	hear
	target=$heard
	launch "$msealctl" show "$target"
	# there are rows, and more than the pipe takes
	hear
	kill -TERM "$pid"
	assert_finishes_with 143
}

@test "show reads a process whose leader is exiting and has no memory any more" {
	requires root fuse own-targets
	mkdir "$BATS_TEST_TMPDIR/fuse"
	start "$helpers/fuse" "$BATS_TEST_TMPDIR/fuse" exit
	run -0 --separate-stderr msealctl show -n -r -o CLASS --seal=text:@exe "$pid"
	refute_stderr
	assert_output text
	assert_finishes_with 0
}
