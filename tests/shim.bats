#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# The shared object that goes into other people's programs.

load helpers

setup() {
	requires shim program:readelf
	following=${shim%.so}-follow.so
	objects=("$shim" "$following")
}

@test "the shim links libc alone" {
	for object in "${objects[@]}"; do
		run -0 readelf --wide --dynamic "$object"
		# the loader has the guard of stacks where that is a variable: not on x86-64
		needed=$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$output" | grep -v '^ld-linux-[^x]')
		assert_equal "$needed" libc.so.6
	done
}

# others_of OBJECT PATTERN: what it needs of libc that does not match
others_of() {
	nm --dynamic --undefined-only "$1" | awk '{ sub(/@.*/, "", $NF); print $NF }' | grep -vxE "$2" || true
}

@test "the shim uses no function of libc that a program could have of its own" {
	implied='__errno_location|(__)?environ|__stack_chk_(fail|guard)|_r_debug|_dl_debug_addr'
	asked='dl_iterate_phdr|getauxval'
	assert_equal "$(others_of "$shim" "$asked|$implied")" ''
	# not at the start, but when something is loaded
	asked+='|dlerror|dlmopen|dlopen|dlsym|fstat|pthread_self|pthread_setcancelstate'
	assert_equal "$(others_of "$following" "$asked|$implied")" ''
}

@test "the auditor needs no library, and exports what ld.so looks for" {
	audit=$TOP_BUILDDIR/src/libmsealctl-audit.so
	run -0 readelf --wide --dynamic "$audit"
	refute_output --partial NEEDED
	refute_output --partial TEXTREL
	run -0 nm --dynamic --undefined-only "$audit"
	assert_output ''
	run -0 nm --dynamic --defined-only "$audit"
	assert_equal "$(awk '{ print $NF }' <<<"$output" | sort | xargs)" 'la_activity la_objclose la_objopen la_version'
}

@test "the processor may check the branches of all three objects, if the compiler helps" {
	grep -qsE '^HARDEN_CFLAGS = .*-(fcf|mbranch)-protection' "$TOP_BUILDDIR/Makefile" ||
		skip "the compiler protects no branches here"
	for object in "${objects[@]}" "$TOP_BUILDDIR/src/libmsealctl-audit.so"; do
		run -0 readelf -n "$object"
		assert_output --regexp 'feature: (IBT, SHSTK|BTI)'
	done
}

@test "the shim exports what the program's start code calls, and nothing else" {
	for object in "${objects[@]}"; do
		run -0 nm --dynamic --defined-only "$object"
		assert_output --regexp '^[0-9a-f]+ T __libc_start_main$'
	done
}

@test "the shim is initialised first" {
	for object in "${objects[@]}"; do
		run -0 readelf --wide --dynamic "$object"
		assert_output --partial INITFIRST
	done
}

@test "the shim has no text relocations, no executable stack, full RELRO" {
	for object in "${objects[@]}"; do
		run -0 readelf --wide --dynamic "$object"
		refute_output --partial TEXTREL
		assert_output --partial BIND_NOW
		run -0 readelf --wide --segments "$object"
		assert_output --partial GNU_RELRO
		assert_line --regexp 'GNU_STACK .* RW +0x'
		refute_output --partial RWE
	done
}

@test "the shim uses nothing newer than glibc 2.34" {
	for object in "${objects[@]}"; do
		run -0 nm --dynamic --undefined-only --with-symbol-versions "$object"
		versions=$(grep -o 'GLIBC_[0-9.]*' <<<"$output" | sort -uV)
		assert_equal "$(printf '%s\nGLIBC_2.34\n' "$versions" | sort -V | tail -n 1)" GLIBC_2.34
	done
}

@test "the shim does nothing without its settings" {
	run -0 --separate-stderr env LD_PRELOAD="$shim" bash -c 'grep -c "^VmFlags:.* sl" /proc/$$/smaps || :'
	assert_output 0
	refute_stderr
}

# with_settings SEAL TYPES
with_settings() {
	env LD_PRELOAD="$shim" MSEALCTL_SHIM_PATH="$shim" MSEALCTL_SHIM_SEAL="$1" \
		MSEALCTL_SHIM_TYPES="$2" MSEALCTL_SHIM_FLAGS= MSEALCTL_SHIM_EXECS=0 echo started
}

@test "broken settings of the shim stop the program" {
	requires mseal
	run -0 with_settings text f
	assert_output started
	for broken in 'nonsense f' 'text x' 'text 0' 'text 1f' 'text '; do
		run -125 --separate-stderr with_settings "${broken% *}" "${broken#* }"
		assert_output ''
		assert_stderr 'msealctl: cannot seal: the settings from msealctl are damaged'
	done
	run -125 --separate-stderr env LD_PRELOAD="$shim" MSEALCTL_SHIM_SEAL=text echo started
	assert_output ''
}

@test "the shim works with closed standard streams" {
	requires mseal
	run -0 msealctl exec -- "$helpers/trymut" <&-
	run -0 bash -c '"$1" exec -- "$2" >/dev/null 2>&- </dev/null' _ "$msealctl" "$helpers/trymut"
}

@test "the shim leaves errno as at any start, and undoes what it changes" {
	requires mseal
	requires_python ctypes resource
	probe='import ctypes, resource, signal
libc = ctypes.CDLL(None, use_errno=False)
print(ctypes.c_int.in_dll(ctypes.CDLL(None), "optind").value,
      resource.getrlimit(resource.RLIMIT_STACK), signal.pthread_sigmask(0, []),
      [str(signal.getsignal(n)) for n in range(1, 32)])'
	plain=$(python3 -c "$probe")
	run -0 msealctl exec -- python3 -c "$probe"
	assert_output "$plain"
}
