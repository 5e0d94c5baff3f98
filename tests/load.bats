#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# attach to servers that are busy: not one request may fail.

load helpers

setup() {
	requires mseal ptrace
	PATH+=:/usr/sbin
	# s, for each of the servers
	length=${MSEALCTL_TEST_LOAD:-2}
	# and how often to attach at least: a thousand times of both kinds, where there is time
	wanted=1
	((length < 30)) || wanted=2000
}

# While process $1 is alive: attach to the processes $2..., again and again.
attach_while() {
	local load=$1 target pid

	shift
	attached=0
	while kill -0 "$load" 2>/dev/null; do
		for target; do
			msealctl attach -q --dry-run "$target" || fail "attach --dry-run: $?"
			pid=$target
			fresh 4
			msealctl attach -q --seal="text,rodata,relro,$fresh" "$target" || fail "attach: $?"
			attached=$((attached + 2))
		done
	done
	count attaches "$attached"
	((attached >= wanted)) || fail "attached $attached times"
}

assert_already_sealed() {
	for target; do
		run -0 msealctl attach -n -r -o RESULT "$target"
		assert_equal "$(sort -u <<<"$output")" already
		run -0 "$helpers/sealrows" "$target" text relro
	done
}

@test "attach to nginx under wrk: no request fails" {
	requires program:nginx program:wrk
	# not that of another run
	port=$((20000 + $$ % 10000))
	cat >"$BATS_TEST_TMPDIR/nginx.conf" <<-END
		daemon off; worker_processes 2; pid $BATS_TEST_TMPDIR/pid; error_log stderr;
		events { worker_connections 512; }
		http { access_log off; client_body_temp_path $BATS_TEST_TMPDIR; server {
			listen 127.0.0.1:$port; location / { return 200 "served"; } } }
	END
	launch nginx -c "$BATS_TEST_TMPDIR/nginx.conf" -p "$BATS_TEST_TMPDIR"
	master=$pid
	until [[ $(pgrep -cP "$master") == 2 ]]; do kill -0 "$master" || fail "$(cat "$target_errors")"; done
	mapfile -t workers < <(pgrep -P "$master")
	wrk -t2 -c32 -d"$length"s http://127.0.0.1:$port/ >"$BATS_TEST_TMPDIR/wrk" 3>&- &
	load=$!
	attach_while "$load" "$master" "${workers[@]}"
	wait "$load"
	run cat "$BATS_TEST_TMPDIR/wrk"
	refute_output --partial 'Socket errors'
	refute_output --partial 'Non-2xx'
	assert_output --regexp '[1-9][0-9]* requests in'
	assert_equal "$(pgrep -P "$master" | xargs)" "${workers[*]}"
	assert_already_sealed "$master" "${workers[@]}"
	kill -QUIT "$master"
	assert_finishes_with 0
}

@test "attach to redis-server under redis-benchmark: no request fails" {
	requires program:redis-server program:redis-benchmark program:redis-cli
	socket=$BATS_TEST_TMPDIR/redis
	launch redis-server --port 0 --unixsocket "$socket" --save '' --dir "$BATS_TEST_TMPDIR"
	until [[ $(redis-cli -s "$socket" ping 2>&1) == PONG ]]; do kill -0 "$pid"; done
	redis-benchmark -s "$socket" -n $((50000 * length)) -c 32 -t set,get -q \
		>"$BATS_TEST_TMPDIR/benchmark" 2>&1 3>&- &
	load=$!
	attach_while "$load" "$pid"
	# it ends with 1 at the first error
	wait "$load" || fail "$(cat "$BATS_TEST_TMPDIR/benchmark")"
	assert_already_sealed "$pid"
	redis-cli -s "$socket" shutdown nosave
	assert_finishes_with 0
}

@test "attach to python3 with 50 threads that count" {
	requires program:python3
	start python3 -c 'import os, sys, threading, time
threads, rounds = 50, 400
lock, total, failed = threading.Lock(), 0, []
def count():
    global total
    try:
        for i in range(rounds):
            r, w = os.pipe(); os.write(w, b"x"); assert os.read(r, 1) == b"x"
            os.close(r); os.close(w); time.sleep(0.001)
            with lock: total += 1
    except BaseException as e: failed.append(e)
all = [threading.Thread(target=count) for i in range(threads)]
for t in all: t.start()
print("pid", os.getpid()); print("ready", flush=True)
for t in all: t.join()
print("total", total, failed, flush=True)
input()'
	attached=0
	until read -r -t 0 -u "$from"; do
		run -0 msealctl attach "$pid"
		attached=$((attached + 1))
	done
	hear
	assert_equal "$heard" 'total 20000 []'
	assert [ "$attached" -gt 0 ]
	run -0 msealctl attach -n -r -o RESULT "$pid"
	assert_equal "$(sort -u <<<"$output")" already
	printf '\n' >&"$to"
	assert_finishes_with 0
}

@test "attach to a program whose threads come and go" {
	requires program:python3
	start python3 -c 'import os, sys, threading, time
done, failed = 0, []
print("pid", os.getpid()); print("ready", flush=True)
for round in range(100):
    group = [threading.Thread(target=time.sleep, args=(0.002,)) for i in range(20)]
    for t in group: t.start()
    for t in group: t.join(); done += 1
print("total", done, flush=True)
input()'
	until read -r -t 0 -u "$from"; do
		run -0 msealctl attach "$pid"
	done
	hear
	assert_equal "$heard" 'total 2000'
	printf '\n' >&"$to"
	assert_finishes_with 0
}
