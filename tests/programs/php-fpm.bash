# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# PHP's FastCGI manager with three workers, opcode cache and its compiler.

ordinary=yes

needs() {
	php_fpm=$(compgen -c php-fpm | grep -E '^php-fpm[0-9.]*$' | sort -u | tail -n 1)
	[[ $php_fpm ]] || { echo "php-fpm is not installed"; return 1; }
	program cgi-fcgi
}
version() { needs && "$php_fpm" -v | grep -oE '[0-9]+\.[0-9.]+' | head -n 1; }

prepare() {
	cat >fpm.conf <<-CONF
		[global]
		error_log = $folder/errors
		daemonize = no
		[www]
		listen = 127.0.0.1:$port
		pm = static
		pm.max_children = 3
		pm.max_requests = 100
	CONF
	cat >page.php <<-'PHP'
		<?php
		$sum = 0;
		for ($i = 0; $i < 20000; $i++) $sum += $i * $i % 7;
		$text = json_encode(['sum' => $sum, 'match' => preg_replace('/(\d)(?=(\d{3})+$)/', '$1,', (string)$sum)]);
		echo $text, hash('sha256', $text), ' ', iconv('UTF-8', 'UTF-16LE', 'x') === "x\0" ? 'ok' : 'no', "\n";
	PHP
}

start() {
	needs && exec "$@" "$php_fpm" -F -y fpm.conf -d opcache.enable=1 -d opcache.jit=tracing \
		-d opcache.jit_buffer_size=16M
}

request() {
	SCRIPT_FILENAME=$folder/page.php REQUEST_METHOD=GET SERVER_PROTOCOL=HTTP/1.1 \
		cgi-fcgi -bind -connect "127.0.0.1:$port"
}
ready() { request | grep -q sum; }

# more requests than a worker takes before it ends
load() {
	local i

	for ((i = 0; i < 400; i++)); do
		request || return
	done
}
same() { grep sum; }
