# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# MariaDB under mariadb-slap, with a plugin that is loaded and unloaded.

ordinary=yes

needs() { program mariadbd mariadb-install-db mariadb-slap mariadb; }
version() { mariadbd --version 2>/dev/null | grep -oE 'Ver [0-9.]+' | cut -c 5-; }

prepare() {
	"${as_user[@]}" mariadb-install-db --no-defaults --datadir="$folder/data" \
		--auth-root-authentication-method=normal --skip-test-db
}

start() {
	exec "$@" mariadbd --no-defaults --datadir="$folder/data" --port="$port" \
		--bind-address=127.0.0.1 --socket="$folder/socket" --pid-file="$folder/pid"
}

client() { "$1" --no-defaults --user=root --socket="$folder/socket" "${@:2}"; }
ready() { client mariadb -e 'select 1'; }

load() {
	client mariadb-slap --auto-generate-sql --auto-generate-sql-load-type=mixed --concurrency=8 \
		--number-of-queries=4000 >slap 2>&1 || { cat slap; return 1; }
	client mariadb -N <<-'SQL'
		create database if not exists tests;
		use tests;
		create or replace table numbers (n int primary key, name varchar(64)) engine=innodb;
		insert into numbers select seq, md5(seq) from seq_1_to_5000;
		select count(*), sum(n), md5(group_concat(name order by n)) from numbers where name like 'a%';
		install soname 'auth_ed25519';
		uninstall soname 'auth_ed25519';
		select json_extract('{"a": [1, 2]}', '$.a[1]'), regexp_replace('sealed', 'e', 'E');
	SQL
}
