# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# Logins over ssh: each is a new process that executes sshd, with PAM's plugins.

# for each session sshd executes itself again
exec_options=(--follow-dlopen --inherit)

needs() {
	program sshd ssh ssh-keygen
	((EUID == 0)) || { echo "sshd needs root"; return 1; }
}
version() { ssh -V 2>&1 | grep -oE '[0-9]+\.[0-9p]+' | head -n 1; }

prepare() {
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f host_key && ssh-keygen -q -t ed25519 -N '' -f key || return
	cp key.pub keys
	cat >sshd_config <<-CONF
		ListenAddress 127.0.0.1:$port
		HostKey $folder/host_key
		AuthorizedKeysFile $folder/keys
		PidFile none
		StrictModes no
		UsePAM yes
		PermitRootLogin prohibit-password
		Subsystem sftp internal-sftp
		MaxStartups 100
	CONF
}

start() { exec "$@" "$(type -P sshd)" -D -e -f "$folder/sshd_config"; }
login() {
	ssh -F none -n -p "$port" -i key -o IdentitiesOnly=yes -o BatchMode=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile="$folder/known" -o LogLevel=ERROR \
		root@127.0.0.1 "$@"
}
ready() { login true; }

load() {
	local i

	for ((i = 0; i < 10; i++)); do
		login 'echo $((6 * 7)); id -u; seq 2000 | sha256sum; exit 3'
		echo "status $?"
	done
	# one that is open to the end of the server
	: >open
	login 'echo open; exec sleep 1000' >open 2>/dev/null &
	until grep -q open open; do
		kill -0 $! || return
	done
}
