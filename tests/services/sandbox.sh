#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Runs in the machine: for each setting of /etc/table, prints "SETTING|WAYS", with a word
# for each of: exec that preloads, exec that traces, attach from the service's own sandbox,
# and attach from outside: yes if the program runs and is sealed, no if it does not run.
number=0
selection=text,rodata,relro,stack

# try SETTING LINE...: a unit with them
try() {
	local name=try$((number += 1)) pid

	printf '%s\n' '[Service]' Type=exec "$@" >"/run/systemd/system/$name.service"
	systemctl daemon-reload
	systemctl start "$name" 2>/dev/null
	pid=$(systemctl show -P MainPID "$name")
	# sleeping, or interrupted in it, or not there
	until grep -qE '^(230|219) ' "/proc/$pid/syscall" 2>/dev/null; do
		systemctl is-active -q "$name" || break
	done
	if systemctl is-active -q "$name"; then
		msealctl check -q --seal="$selection" "$pid" && echo yes || echo unsealed
	else
		echo no
	fi
	systemctl stop "$name"
}

while IFS='|' read -r setting _; do
	# attach only when it has started
	wait="ExecStartPost=+/bin/bash -c 'until grep -qE \"^(230|219) \" /proc/\$MAINPID/syscall; do :; done'"
	exec="msealctl exec --seal=$selection" attach="msealctl attach -q --seal=$selection --unit=%n"
	printf '%s|%s\n' "$setting" "$(xargs <<<"
		$(try "$setting" "ExecStart=$exec --via=preload -- /bin/sleep 1000")
		$(try "$setting" "ExecStart=$exec --via=ptrace -- /bin/sleep 1000")
		$(try "$setting" "ExecStart=/bin/sleep 1000" "$wait" "ExecStartPost=$attach")
		$(try "$setting" "ExecStart=/bin/sleep 1000" "$wait" "ExecStartPost=+$attach")")"
done </etc/table
