# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# Tests of python3's own: threads, processes, memory maps, foreign functions, TLS.

modules=(test_json test_mmap test_ctypes test_struct test_thread test_queue test_pickle
	test_sqlite3 test_hashlib test_zlib test_generators)

# the interpreter itself, not a script for one
needs() {
	program python3 || return
	python=$(python3 -c 'import sys; print(sys.executable)')
	"$python" -c 'import test.test_json, test.test_ctypes' 2>/dev/null || {
		echo "python3 has not its own tests"
		return 1
	}
}
version() { python3 --version | cut -d ' ' -f 2; }
job() { needs && exec "$@" "$python" -m test "${modules[@]}"; }
# without times
same() { grep -E '^(All [0-9]+ tests OK|[0-9]+ test|status|Tests? result)'; }
