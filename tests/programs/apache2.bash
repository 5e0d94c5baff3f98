# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# apache2 with modules, which are plugins, under wrk; it loads all of them again meanwhile.

needs() { program apache2 wrk curl && ls /usr/lib/apache2/modules/mod_mpm_event.so >/dev/null; }
version() { apache2 -v | grep -oE '[0-9]+\.[0-9.]+' | head -n 1; }

prepare() {
	local module

	mkdir htdocs && seq 5000 >htdocs/page
	for module in mpm_event authz_core mime dir deflate filter rewrite headers ssl socache_shmcb \
		status alias env setenvif; do
		echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
	done >apache2.conf
	cat >>apache2.conf <<-CONF
		ServerName localhost
		Listen 127.0.0.1:$port
		User nobody
		Group nogroup
		PidFile $folder/pid
		ErrorLog /dev/stderr
		Mutex file:$folder
		TypesConfig /dev/null
		DocumentRoot $folder/htdocs
		StartServers 3
		ThreadsPerChild 25
		MinSpareThreads 25
		RewriteEngine on
		RewriteRule ^/other$ /page
		SetOutputFilter DEFLATE
		<Directory $folder/htdocs>
			Require all granted
		</Directory>
		<Location /server-status>
			SetHandler server-status
		</Location>
	CONF
	chmod a+rx "$folder"
}

start() { exec "$@" apache2 -d "$folder" -f "$folder/apache2.conf" -DFOREGROUND; }

# All 75 threads are there: a child that has not started all of its own yet takes itself for
# overloaded, and closes idle connections, which a client may be about to use.
ready() {
	curl -sf "http://127.0.0.1:$port/server-status?auto" |
		awk '/^(Busy|Idle)Workers:/ { there += $2 } END { exit !(there == 75) }'
}

load() {
	local child
	local -a children

	http_load "http://127.0.0.1:$port/other" || return
	mapfile -t children < <(pgrep -P "$(<pid)")
	# read the configuration and load the modules again, and start other children; the old
	# ones close connections that a client may be about to use
	kill -s USR1 "$(<pid)"
	for child in "${children[@]}"; do
		while is_alive "$child"; do :; done
	done
	until ready; do :; done
	http_load "http://127.0.0.1:$port/page"
}
