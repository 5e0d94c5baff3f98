# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# nginx with two workers, which compress a page, under wrk.

needs() { program nginx wrk curl; }
version() { nginx -v 2>&1 | cut -d / -f 2; }

prepare() {
	seq 5000 >page
	cat >nginx.conf <<-CONF
		daemon off; worker_processes 2; pid $folder/pid; error_log stderr;
		events { worker_connections 512; }
		http { access_log off; client_body_temp_path $folder; gzip on; server {
			listen 127.0.0.1:$port; location / { root $folder; } } }
	CONF
}

start() { exec "$@" nginx -c "$folder/nginx.conf" -p "$folder"; }
ready() { curl -sf "http://127.0.0.1:$port/page"; }
load() { http_load "http://127.0.0.1:$port/page"; }
