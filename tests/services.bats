#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# msealctl in services and containers, by the examples of msealctl-service(7).  systemd is
# the real one, the first process of namespaces of its own; see services/machine.sh.

load helpers

# it looks for leaks by tracing itself
export ASAN_OPTIONS=detect_leaks=0

setup() {
	requires mseal ptrace shim
	examples=$TOP_SRCDIR/man/examples
	folder=$BATS_TEST_TMPDIR/machine
	mkdir -p "$folder"/{units,etc,local/bin}
	cp "$msealctl" "${shim%/*}"/libmsealctl*.so "$folder/local/bin"
	PATH+=:/usr/sbin
}

requires_machine() {
	# a sanitizer needs more memory and more rights than some sandboxes leave
	requires plain-build root program:setpriv program:systemd-analyze
	[[ -x /usr/lib/systemd/systemd ]] || skip "systemd is not installed"
	run unshare --mount --pid --cgroup --uts --ipc --net --fork \
		mount -t cgroup2 cgroups /sys/fs/cgroup
	((status == 0)) || skip "systemd cannot be booted in namespaces here: $output"
}

# in_machine: the script on standard input, in the folder that the test has filled
in_machine() {
	cat >"$folder/script"
	timeout 400 "$TOP_SRCDIR/tests/services/machine.sh" "$folder" || {
		cat "$folder/results/console"
		return 1
	}
}

# distribution_unit NAME: Debian's own
distribution_unit() {
	[[ -e /lib/systemd/system/$1.service ]] || skip "no $1.service here"
	cp "/lib/systemd/system/$1.service" "$folder/units"
}

# drop_in EXAMPLE NAME: of the service, which is in the folder
drop_in() {
	mkdir "$folder/units/$2.service.d"
	cp "$examples/$1" "$folder/units/$2.service.d"
}

# recipe FILE: the commands of the page that begin with its copy
recipe() { grep -A 4 "^# cp $1 " "$TOP_SRCDIR/man/msealctl-service.7" | sed -n 's/^# //p'; }

@test "systemd finds nothing wrong with the example units" {
	requires_machine
	cp "$examples"/*.{service,timer} "$folder/units"
	printf '[Service]\nType=notify\nExecStart=/bin/true\n' >"$folder/units/any.service"
	drop_in attach.conf any
	cp "$examples/exec.conf" "$folder/units/any.service.d"
	run in_machine <<<'systemd-analyze verify any.service seal-new@any.service seal-new@any.timer'
	assert_success
	assert_output ''
}

@test "the manual's recipe for nginx, pasted, seals Debian's unit at each start" {
	requires program:nginx program:curl
	requires_machine
	distribution_unit nginx
	mkdir "$folder/etc/nginx"
	cat >"$folder/etc/nginx/nginx.conf" <<-'END'
		pid /run/nginx.pid; worker_processes 2; events { }
		http { access_log off; server {
			listen unix:/run/http; location / { return 200 "served\n"; } } }
	END
	cp "$examples"/* "$folder/etc"
	run in_machine <<-END
		set -e
		mkdir -p /var/log/nginx /var/lib/nginx
		systemctl start nginx
		msealctl check -q --unit=nginx && exit 1
		cd /etc
		$(sed -n 's/^# mkdir/mkdir/p' "$TOP_SRCDIR/man/msealctl-service.7")
		$(recipe attach.conf)
		systemctl restart nginx
		msealctl check --unit=nginx --summary
		curl -sS --unix-socket /run/http http://x/
		sed -i 's/^#ExecReload/ExecReload/' /etc/systemd/system/nginx.service.d/msealctl.conf
		systemctl daemon-reload
		systemctl reload nginx
		systemctl show -P ExecReload nginx | grep 'msealctl attach .* code=exited'
		until msealctl check -q --unit=nginx 2>/dev/null; do msealctl attach -q --unit=nginx || true; done
		echo sealed again
	END
	assert_success
	assert_line sealed
	assert_line 'sealed again'
	assert_line --regexp '^3 processes: 3 sealed'
	assert_line served
}

@test "the drop-in attach.conf seals Debian's redis-server in its sandbox" {
	requires program:redis-server program:redis-cli
	requires_machine
	distribution_unit redis-server
	drop_in attach.conf redis-server
	mkdir "$folder/etc/redis"
	cat >"$folder/etc/redis/redis.conf" <<-'END'
		port 0
		unixsocket /run/redis/socket
		pidfile /run/redis/redis-server.pid
		dir /run/redis
	END
	run in_machine <<-'END'
		systemctl start redis-server && msealctl check --unit=redis-server || exit
		redis-cli -s /run/redis/socket ping
	END
	assert_success
	assert_line PONG
	# the settings of the manual's table are among those of the unit
	run -0 grep -c -E '^(SystemCallFilter|MemoryDenyWriteExecute|PrivateUsers|NoExecPaths)=' \
		"$folder/units/redis-server.service"
}

@test "a service that attach.conf cannot seal does not start" {
	requires_machine
	drop_in attach.conf one
	# the address is that of nothing
	sed -i 's/--unit=%n/--seal=0x1000-0x2000 &/' "$folder/units/one.service.d/attach.conf"
	printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$folder/units/one.service"
	run in_machine <<-'END'
		systemctl start one && exit 1
		systemctl is-failed one
	END
	assert_success
	assert_line failed
}

@test "the drop-in exec.conf starts a service sealed" {
	requires_machine
	drop_in exec.conf one
	# where msealctl and its object may be executed
	cat >"$folder/units/one.service" <<-'END'
		[Service]
		Type=exec
		DynamicUser=yes
		NoExecPaths=/
		ExecPaths=/usr/bin /usr/lib /usr/local/bin
		ExecStart=/bin/false
	END
	run in_machine <<-'END'
		systemctl start one
		pid=$(systemctl show -P MainPID one)
		# it sleeps by pause(2)
		until grep -q '^34 ' /proc/$pid/syscall; do kill -0 "$pid" || exit; done
		msealctl check --seal=text,rodata,relro,stack --summary "$pid"
	END
	assert_success
	assert_output --partial 'sleep: '
	refute_output --partial 'not sealed'
}

@test "what a sandbox allows is as the table of msealctl-service(7) has it" {
	requires program:mandoc
	requires_machine
	# rows of "SETTING  yes|no  yes|no  yes|no  yes|no"
	mandoc -T utf8 "$TOP_SRCDIR/man/msealctl-service.7" | sed 's/.\x08//g' |
		sed -nE 's/^ *(([A-Z][A-Za-z]+=[^ ]*)( [@~a-z]+)*)  +(yes|no) +(yes|no) +(yes|no) +(yes|no)$/\1|\4 \5 \6 \7/p' \
			>"$folder/etc/table"
	assert [ "$(wc -l <"$folder/etc/table")" -ge 12 ]
	run in_machine <"$TOP_SRCDIR/tests/services/sandbox.sh"
	assert_output "$(<"$folder/etc/table")"
}

@test "the timer seals what is new in a service" {
	requires_machine
	cp "$examples"/seal-new@* "$folder/units"
	sed -i 's/=5min/=10ms/' "$folder/units/seal-new@.timer"
	printf '[Timer]\nAccuracySec=1ms\n' >"$folder/units/accuracy.conf"
	mkdir "$folder/units/seal-new@.timer.d"
	mv "$folder/units/accuracy.conf" "$folder/units/seal-new@.timer.d"
	printf '[Service]\nExecStart=/bin/sh -c "sleep infinity & sleep infinity"\n' >"$folder/units/one.service"
	run in_machine <<-'END'
		systemctl start one && systemctl start seal-new@one.timer || exit
		until msealctl check -q --unit=one 2>/dev/null; do :; done
		systemctl restart one
		until msealctl check -q --unit=one 2>/dev/null; do :; done
		systemctl stop seal-new@one.timer seal-new@one.service
		systemctl start seal-new@one.service
	END
	assert_success
}

# in_container COMMAND...: the first process of a PID namespace, with msealctl in PATH
in_container() {
	unshare --user --map-root-user --pid --mount --fork --kill-child --mount-proc \
		env PATH="$folder/local/bin:$PATH" "$@"
}

@test "the entry point becomes its command, sealed, and its health is checked" {
	in_container true || skip "no PID namespaces here"
	# the first process runs the health check as the runtime of a container does: beside it
	cat >"$folder/command" <<-'END'
		sh "$1" healthcheck; echo "healthy $?"
		SEAL=text,data sh "$1" healthcheck 2>/dev/null; echo "with data $?"
		echo "process $$"
		exit 7
	END
	run -7 in_container sh "$examples/entrypoint" sh "$folder/command" "$examples/entrypoint"
	assert_output - <<-'END'
		healthy 0
		with data 3
		process 1
	END
	run -125 in_container env SEAL=text:nothing sh "$examples/entrypoint" true
	# without the entry point
	run -0 in_container sh -c 'sh "$1" healthcheck; test $? = 3' _ "$examples/entrypoint"
}

@test "the container's files are named as its Dockerfile has them" {
	while read -r name; do
		assert [ -e "$examples/$name" ]
	done < <(sed -nE 's/^COPY --chmod=755 ([^ ]+) .*/\1/p' "$examples/Dockerfile")
	run -0 sh -n "$examples/entrypoint"
	grep -q '"entrypoint", "healthcheck"' "$examples/Dockerfile"
}

@test "the pipeline seals, and mails what is open" {
	requires program:jq
	printf '#!/bin/sh\necho "mail: $*"\ncat\n' >"$folder/local/bin/mail"
	chmod +x "$folder/local/bin/mail"
	PATH=$folder/local/bin:$PATH
	start_shell
	run -0 sh "$examples/report-open" root "$pid"
	assert_output ''
	run -0 msealctl check "$pid"
	# a range that is not mapped matches nothing, and data is writable: add a wrapper
	printf '#!/bin/sh\n[ "$1" != attach ] || exit 0\nverb=$1\nshift\nexec "%s" "$verb" --seal=data "$@"\n' \
		"$msealctl" >"$folder/local/bin/msealctl"
	run -3 sh "$examples/report-open" root "$pid"
	assert_line --index 0 --regexp '^mail: -s .*: open to change root$'
	assert_line --regexp "^$pid data 0x[0-9a-f]+ /.*bash$"
	exec {to}>&-
	wait "$pid" || true
	run ! sh "$examples/report-open" root "$pid"
	assert_output --partial 'not checked'
}

@test "cron's line seals what is new" {
	run -0 sed -n 's/^\*[^a-z]*root //p' "$examples/crontab"
	assert_output 'msealctl attach --quiet --name=nginx'
	# the same line, with another name
	cp "$(type -P sleep)" "$folder/napping"
	"$folder/napping" 1000 3>&- &
	pid=$!
	started+=("$pid")
	until [[ /proc/$pid/exe -ef $folder/napping ]]; do kill -0 "$pid"; done
	PATH=$folder/local/bin:$PATH run sh -c "${output/nginx/napping}"
	until "$helpers/sealrows" "$pid" text relro >/dev/null; do
		kill -0 "$pid"
		PATH=$folder/local/bin:$PATH sh -c "msealctl attach --quiet --name=napping" || true
	done
}
