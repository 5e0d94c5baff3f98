#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Real programs: they do under exec what they do without, and every object that is
# there at their start is sealed.

load helpers

setup() { requires mseal shim; }

# same_as_without COMMAND...: the same output and status
same_as_without() {
	local plain plain_status=0

	plain=$("$@" 2>&1 </dev/null) || plain_status=$?
	run msealctl exec --seal=text,relro -- "$@" </dev/null
	assert_output "$plain"
	assert_equal "$status" "$plain_status"
}

# objects_of PROGRAM: the file and what its loader maps before it starts
objects_of() {
	realpath "$1"
	ldd "$1" | grep -o '/[^ ]*' | xargs -r realpath
}

# assert_all_sealed: text and RELRO of every such object in $pid, seen from outside
assert_all_sealed() {
	local object rows

	rows=$("$helpers/sealrows" "$pid" text relro) || (($? == 3))
	while read -r object; do
		grep -qF " $object" <<<"$rows" || fail "$object is not mapped"
		grep -F " $object" <<<"$rows" | grep ' open ' && fail "$object is open"
	done < <(objects_of "/proc/$pid/exe" | sort -u)
	return 0
}

# stays_sealed PROGRAM ARGUMENT...: one that says "ready" when it runs
stays_sealed() {
	launch "$msealctl" exec --seal=text,relro -- "$@"
	until hear && [[ $heard == *ready* ]]; do
		kill -0 "$pid" || fail "$(cat "$target_errors")"
	done
	assert_all_sealed
}

# to_the_end: it ends by itself when its input does
to_the_end() { assert_finishes_with "${1:-0}"; }

@test "bash works, sealed in both ways" {
	same_as_without bash -c 'f() { echo "$BASHPID" | wc -w; }; f; (exit 3); echo $?; declare -p PATH'
	stays_sealed bash -c 'echo ready; read -r'
	to_the_end 1
}

@test "dash works, sealed in both ways" {
	requires program:dash
	same_as_without dash -c 'echo "$(ls / | wc -l)"; kill -9 $$'
	stays_sealed dash -c 'echo ready; read -r x'
	to_the_end 1
}

@test "python3 works, sealed in both ways, with ssl, sqlite3 and ctypes" {
	requires_python ssl sqlite3 ctypes
	same_as_without "$python" -c 'import ssl, sqlite3, ctypes, hashlib, threading
db = sqlite3.connect(":memory:"); db.execute("create table t(a)"); db.execute("insert into t values(7)")
print(db.execute("select * from t").fetchall(), ssl.create_default_context().verify_mode)
print(ctypes.CDLL(None).abs(-3), ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 5)())
t = threading.Thread(target=print, args=("thread",)); t.start(); t.join()'
	stays_sealed "$python" -c 'import ssl, sqlite3, ctypes
print("ready", flush=True); input()'
	to_the_end 1
}

@test "python3's own attempts on its memory are refused" {
	requires_python ctypes
	run -0 msealctl exec -- "$python" -c 'import ctypes, errno, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
row = next(r for r in open("/proc/self/maps") if "r-xp" in r and "libc.so.6" in r)
start, end = (int(x, 16) for x in row.split()[0].split("-"))
p, n = ctypes.c_void_p(start), ctypes.c_size_t(end - start)
page = ctypes.c_size_t(mmap.PAGESIZE)
for result in (libc.mprotect(p, n, 7), libc.munmap(p, page), libc.mremap(p, n, page, 1),
               libc.mmap(p, page, 3, 0x32, -1, 0)):
    print(result in (-1, 2**64 - 1), errno.errorcode[ctypes.get_errno()])'
	assert_output "$(printf 'True EPERM\n%.0s' 1 2 3 4)"
}

@test "perl works, sealed in both ways" {
	requires program:perl
	same_as_without perl -MPOSIX -e 'print join(" ", map { sqrt } 1..5), "\n"; print floor(2.5), "\n"; exit 4'
	stays_sealed perl -e '$| = 1; print "ready\n"; <STDIN>'
	to_the_end
}

@test "node, whose code is made at run time, works sealed" {
	requires program:node
	same_as_without node -e 'let s = 0; for (let i = 0; i < 1e6; i++) s += i % 7; console.log(s, require("crypto").createHash("sha256").update("x").digest("hex"))'
	stays_sealed node -e 'console.log("ready"); process.stdin.resume()'
	to_the_end
}

@test "java, whose code is made at run time, works sealed" {
	requires program:java
	same_as_without java -version
	same_as_without java -Xcomp -Xshare:off -version
}

@test "git works, sealed in both ways" {
	requires program:git
	same_as_without git hash-object -t blob --stdin
	run -0 msealctl exec --inherit -- bash -c 'cd "$1" && git init -q . && echo a >a && git add a &&
		git -c user.name=n -c user.email=e commit -qm m && git gc -q && git log --oneline | wc -l' \
		_ "$(mktemp -d "$BATS_TEST_TMPDIR/git.XXXXXX")"
	assert_output 1
	stays_sealed git -c alias.r='!echo ready; read -r x' r
	finish || true
}

@test "gdb, sealed, runs and traces a program" {
	requires program:gdb
	run -0 msealctl exec -- gdb -nx -batch -ex 'break main' -ex run -ex 'info registers rip' \
		-ex continue "$helpers/sealrows"
	assert_output --partial 'Breakpoint 1'
	assert_output --partial 'exited with code 01'
}

@test "small programs work sealed: sort, awk, sed, grep, tar, find, make" {
	same_as_without sort --parallel=4 /etc/passwd
	same_as_without awk 'BEGIN { for (i = 0; i < 5; i++) printf "%d ", i * i }'
	same_as_without sed -n 's/root/toor/p' /etc/passwd
	same_as_without find /etc -maxdepth 1 -name 'pass*'
	same_as_without tar --version
	same_as_without make --version
	same_as_without ls -l /etc/passwd /nope
}

@test "redis-server works sealed" {
	requires program:redis-server program:redis-cli
	socket=$BATS_TEST_TMPDIR/redis
	launch "$msealctl" exec --seal=text,relro -- redis-server --port 0 --unixsocket "$socket" \
		--save '' --dir "$BATS_TEST_TMPDIR"
	until [[ $(redis-cli -s "$socket" ping 2>&1) == PONG ]]; do kill -0 "$pid"; done
	redis-cli -s "$socket" set key value
	assert_equal "$(redis-cli -s "$socket" get key)" value
	assert_all_sealed
	redis-cli -s "$socket" shutdown nosave
	assert_finishes_with 0
}

@test "nginx works sealed, and so do its workers" {
	PATH+=:/usr/sbin
	requires program:nginx program:curl
	cat >"$BATS_TEST_TMPDIR/nginx.conf" <<-END
		daemon off; worker_processes 2; pid $BATS_TEST_TMPDIR/pid; error_log stderr;
		events { worker_connections 64; }
		http { access_log off; client_body_temp_path $BATS_TEST_TMPDIR; server {
			listen unix:$BATS_TEST_TMPDIR/http; location / { return 200 "served"; } } }
	END
	launch "$msealctl" exec --seal=text,relro -- nginx -c "$BATS_TEST_TMPDIR/nginx.conf" -p "$BATS_TEST_TMPDIR"
	master=$pid
	until [[ -S $BATS_TEST_TMPDIR/http && $(pgrep -cP "$master") == 2 ]]; do kill -0 "$master"; done
	assert_equal "$(curl -s --unix-socket "$BATS_TEST_TMPDIR/http" http://x/)" served
	# a worker is a fork, and forks keep seals
	for pid in "$master" $(pgrep -P "$master"); do
		assert_all_sealed
	done
	kill -QUIT "$master"
	assert_finishes_with 0
}
