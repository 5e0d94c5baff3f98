# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# PostgreSQL under pgbench, with an extension, a procedural language and LLVM's compiler,
# each a plugin that a session loads.

ordinary=yes signal=INT

needs() {
	PATH=$(printf '%s:' /usr/lib/postgresql/*/bin)$PATH
	program postgres initdb pgbench psql
}
version() { postgres --version | grep -oE '[0-9.]+' | head -n 1; }

prepare() {
	needs || return
	"${as_user[@]}" initdb -D data -U tester --no-sync -E UTF8 --locale=C
}

start() {
	exec "$@" postgres -D data -p "$port" -h 127.0.0.1 -k "$folder" -c fsync=off
}

client() { PGHOST=$folder PGPORT=$port PGUSER=tester PGDATABASE=postgres "$@"; }
ready() { client psql -c 'select 1'; }

load() {
	client pgbench -i -q -s 1 >init 2>&1 || { cat init; return 1; }
	client pgbench -n -c 4 -j 2 -t 250 >bench 2>&1 || { cat bench; return 1; }
	grep -x 'number of transactions actually processed: 1000/1000' bench || return
	client psql -v ON_ERROR_STOP=1 -At <<-'SQL'
		select (select sum(abalance) from pgbench_accounts) = (select sum(delta) from pgbench_history),
			(select sum(bbalance) from pgbench_branches) = (select sum(tbalance) from pgbench_tellers);
		create extension if not exists pgcrypto;
		select encode(digest('msealctl', 'sha256'), 'hex');
		do $$ begin perform pg_sleep(0); end $$;
		set jit = on; set jit_above_cost = 0; set jit_inline_above_cost = 0; set jit_optimize_above_cost = 0;
		select sum(i * 2), count(distinct i % 7), md5(string_agg(i::text, ',' order by i)) from generate_series(1, 20000) i;
	SQL
}
