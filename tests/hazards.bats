#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# HAZARD of show, and what attach --dry-run says of it.

load helpers

# start_python CODE: a process that runs it, with names that are of use
start_python() {
	# python3-minimal has no such module
	requires_python ctypes
	start python3 -c 'import ctypes, mmap, os, sys
libc = ctypes.CDLL(None)
def row(name): return next(l for l in open("/proc/self/maps") if name in l)
def protect(line, bits):
	start, end = (int(x, 16) for x in line.split()[0].split("-"))
	assert libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(end - start), bits) == 0
exec(sys.argv[1])
print("pid", os.getpid(), "\nready", flush=True); input()' "$@"
}

# hazards_of LIST: those of what it selects in $pid, each once
hazards_of() { msealctl show -n -r -o HAZARD --seal="$1" "$pid" | tr , '\n' | sort -u | xargs; }

# make_library NAME OPTION...: $library, with a function that calls another object's
make_library() {
	requires program:gcc
	library=$BATS_TEST_TMPDIR/$1
	echo '#include <stdio.h>
	int odd_value = 1; int (*odd_pointer)(const char *) = puts; int odd(void) { return puts("x"); }' |
		gcc -shared -fPIC -o "$library" "${@:2}" -x c -
}

@test "HAZARD has code that can be written, code made at run time, and an executable stack" {
	requires program:python3
	start_python 'a = mmap.mmap(-1, 4096, prot=5); b = mmap.mmap(-1, 65536, prot=7, flags=2 | 32)
protect(row("[stack]"), 7)'
	assert_equal "$(hazards_of stack)" 'exec-stack writable-code'
	run -0 msealctl show -n -r -o PERM,HAZARD --seal=anon,shm "$pid"
	assert_line 'r-xs jit,replaceable'
	assert_line --regexp '^rwxp writable-code,jit$'
	run -0 msealctl attach --dry-run --seal=stack "$pid"
	assert_output "$pid python3: 1 would-seal
  writable-code: [stack]
    it can be written to and executed, sealed or not
  exec-stack: [stack]
    what is written to the stack can be executed"
}

@test "HAZARD has lazy binding, libraries without RELRO, and those that may be closed" {
	requires program:python3 private-proc
	make_library lazy.so -Wl,-z,relro,-z,lazy
	lazy=$library
	make_library open.so -Wl,-z,norelro,-z,lazy
	open=$library
	make_library good.so -Wl,-z,relro,-z,now
	start_python 'for path in sys.argv[2:]: ctypes.CDLL(path)' "$lazy" "$open" "$library"
	assert_equal "$(hazards_of relro:lazy.so)" 'dlopened partial-relro'
	assert_equal "$(hazards_of data:lazy.so)" dlopened
	assert_equal "$(hazards_of data:open.so)" 'dlopened no-relro'
	assert_equal "$(hazards_of all:good.so)" dlopened
	assert_equal "$(hazards_of text:@exe)" none
	run -0 msealctl attach --dry-run --seal=text:lazy.so,text:open.so,text:good.so "$pid"
	assert_line --index 1 '  no-relro: open.so'
	assert_line --index 3 --regexp '^  dlopened: (lazy|open|good)\.so and 2 more$'
	assert_line --index 4 '    sealed, it stays in memory when it is closed: --exclude=dlopened'
	assert_equal "${#lines[@]}" 5
	run -0 msealctl attach --dry-run --summary --seal=text:lazy.so "$pid"
	assert_output "$pid python3: 1 would-seal"
	run -0 msealctl attach --dry-run -r -n -o HAZARD --seal=text:lazy.so "$pid"
	assert_output dlopened
}

@test "attach --dry-run has lazy binding of the main program, not of its libraries" {
	requires program:gcc
	for binding in lazy now; do
		gcc -o "$BATS_TEST_TMPDIR/$binding" -Wl,-z,relro,-z,$binding -x c - <<<'
			#include <stdio.h>
			int main(void) { puts("ready"); fflush(stdout); return getchar(); }'
		start "$BATS_TEST_TMPDIR/$binding"
		run -0 msealctl attach --dry-run "$pid"
		partial=$(grep '^  partial-relro' <<<"$output" || true)
		assert_equal "$binding:$partial" "$binding:$([[ $binding == now ]] || echo '  partial-relro: lazy')"
	done
}

@test "HAZARD has text relocations" {
	requires program:python3 private-proc
	make_library plain.so
	start_python 'ctypes.CDLL(sys.argv[2]); protect(next(l for l in open("/proc/self/maps") if "plain.so" in l and "r-x" in l), 7)' "$library"
	run -0 msealctl show -n -r -o HAZARD --seal=text:plain.so "$pid"
	assert_output 'writable-code,text-relocations,dlopened'
}

@test "HAZARD has the stacks of threads, and rings of the kernel" {
	requires program:python3 private-proc
	start "$helpers/victim" threads=3
	# of a thread that runs, it is not known where its stack is
	until ! grep -qs running "/proc/$pid"/task/*/syscall; do kill -0 "$pid"; done
	assert_equal "$(msealctl show -n -r -o HAZARD --seal=anon "$pid" | grep -cx thread-stack)" 3
	run -0 msealctl attach --dry-run --seal=anon "$pid"
	assert_line '  thread-stack: anon and 2 more'
	start_python 'assert libc.syscall(206, 8, ctypes.byref(ctypes.c_ulong(0))) == 0'
	run -0 msealctl show -n -r -o HAZARD --seal='name:/\[aio\]*' "$pid"
	assert_output --regexp '^(ring|ring,replaceable)$'
	run -0 msealctl attach --dry-run --seal='name:/\[aio\]*' "$pid"
	assert_line --regexp '^  ring: '
	assert_line '    sealed, it stays mapped when the program is done with it'
}

@test "attach --dry-run names memory that is shared, and a count of mappings near the limit" {
	local limit

	requires ptrace
	start "$helpers/odd" outsider
	run -0 msealctl attach --dry-run --seal=text "$pid"
	assert_line '  shared'
	assert_line '    another process has the same memory, and will have the same seals'
	limit=$(</proc/sys/vm/max_map_count)
	((limit <= 70000)) || skip "the limit of mappings is $limit"
	start "$helpers/victim" many=$((limit - 1000))
	run -0 msealctl attach --dry-run --seal=text:victim "$pid"
	assert_line '  map-count'
	start "$helpers/victim"
	run -0 msealctl attach --dry-run --seal=text:victim "$pid"
	refute_line '  map-count'
	refute_line '  shared'
}

@test "the manual has every hazard" {
	mapfile -t names < <(sed -n 's/^\t\[HAZARD_[A-Z_]*\] = { "\([a-z-]*\)",.*/\1/p' \
		"$TOP_SRCDIR/src/report/hazards.c")
	assert_equal "${#names[@]}" 12
	for name in "${names[@]}"; do
		grep -qE "^\.It (.* )?$name( |$)" "$TOP_SRCDIR/man/msealctl-show.1" || fail "$name"
	done
}

@test "what is not known of a hazard is neither there nor not" {
	requires program:unshare root own-targets
	mkdir "$BATS_TEST_TMPDIR/mount"
	cd "$BATS_TEST_TMPDIR/mount"
	modprobe -q overlay 2>/dev/null || grep -qw overlay /proc/filesystems || skip "no overlayfs here"
	start unshare -m bash -c '
		mount -t tmpfs tmpfs . && cd "$PWD" && mkdir lower upper work merged || exit
		mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged || exit
		cp "$1" merged && exec merged/victim' bash "$helpers/victim"
	run -0 msealctl attach --dry-run --seal=text:victim "$pid"
	assert_line '  replaceable: victim: not known'
	run -0 msealctl show -n -r -o HAZARD --seal=text:victim "$pid"
	assert_equal "$output" -
}
