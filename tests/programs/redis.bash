# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# redis under redis-benchmark, with scripts in Lua, a transaction and a save by a fork.

ordinary=yes

needs() { program redis-server redis-benchmark redis-cli; }
version() { redis-server --version | grep -oE 'v=[0-9.]+' | cut -c 3-; }
start() { exec "$@" redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" --save ''; }
ready() { [[ $(redis_cli ping) == PONG ]]; }
redis_cli() { redis-cli -e -p "$port" "$@"; }

load() {
	# it ends with 1 at the first error
	redis-benchmark -p "$port" -n 40000 -c 16 -q -t set,get,lpush,lrange_100,zadd >benchmark 2>&1 || {
		cat benchmark
		return 1
	}
	redis_cli eval 'local s = 0; for i = 1, 100000 do s = s + i end; return s' 0
	printf 'MULTI\nSET a 1\nINCR a\nEXEC\n' | redis_cli
	redis_cli save
}
