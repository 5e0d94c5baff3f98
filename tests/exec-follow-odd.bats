#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# exec --follow-dlopen: objects and programs that are unlike others, which must behave as
# they would.

load helpers

setup_file() {
	requires mseal shim program:gcc
	export folder=$BATS_FILE_TMPDIR
	cd "$folder" || return
	set_glibc
	plugin plugin
	program open "$BATS_TEST_DIRNAME/fixtures/programs/opener.c"
}

setup() {
	requires mseal shim program:gcc
	cd "$folder" || return
	set_glibc
	follow=("$msealctl" exec --follow-dlopen --)
}

# Another C library, from glibc/fetch.sh, if there is one.
set_glibc() {
	glibc=()
	[[ ! ${MSEALCTL_TEST_GLIBC-} ]] ||
		glibc=('-Wl,--disable-new-dtags' "-Wl,-rpath,$MSEALCTL_TEST_GLIBC")
}

# plugin NAME [ARGUMENT...]: libNAME.so, which says on stderr whether its text is sealed when
# it is initialized
plugin() {
	gcc -shared -fPIC -Wl,-z,relro -o "lib$1.so" -DNAME="\"$1\"" -x c - -x none \
		-L. -Wl,-rpath,"$folder" -Wl,--no-as-needed "${@:2}" "${glibc[@]}" <<-'END'
		#include <stdint.h>
		#include <stdio.h>
		#include <sys/mman.h>
		#include <unistd.h>

		static int value = 1;
		/* there has to be RELRO */
		int *const pointer = &value;

		int code(void) { return *pointer; }

		__attribute__((constructor)) static void initialize(void)
		{
			long size = sysconf(_SC_PAGESIZE);
			uintptr_t page = (uintptr_t)code & ~((uintptr_t)size - 1);

			dprintf(2, "%s %s\n", NAME, mprotect((void *)page, (size_t)size,
							   PROT_READ | PROT_EXEC) != 0 ? "sealed" : "open");
		}
	END
}

# program NAME FILE [ARGUMENT...]
program() {
	gcc -o "$1" -x c "$2" "${@:3}" "${glibc[@]}" \
		${MSEALCTL_TEST_GLIBC:+-Wl,--dynamic-linker="$MSEALCTL_TEST_GLIBC/ld-linux-x86-64.so.2"}
}

@test "exec --follow-dlopen seals a library that needs more than a hundred others" {
	many=()
	for ((n = 0; n < 130; n++)); do
		gcc -shared -fPIC -o "libpart$n.so" -xc - <<<"int part$n;
			__attribute__((constructor)) static void initialize(void) { part$n = 1; }"
		many+=("-lpart$n")
	done
	# it is initialized first, being needed by all, and was loaded last
	plugin last
	gcc -shared -fPIC -o libpart129.so -xc - -L. -llast -Wl,--no-as-needed <<<'int part129;'
	plugin hundred "${many[@]}" -llast
	start "${follow[@]}" ./open
	say "open $folder/libhundred.so"
	assert_equal "$heard" ok
	assert_finishes_with 7
	assert_equal "$(<"$target_errors")" 'last sealed
hundred sealed'
}

@test "the message of dlerror(3) outlives what libc loads itself" {
	program message - <<-'END'
		#include <dlfcn.h>
		#include <iconv.h>
		#include <stdio.h>

		static int convert(const char *to)
		{
			return iconv_open(to, "UTF-8") == (iconv_t)-1;
		}

		int main(void)
		{
			const char *message;

			dlopen("/nowhere/1", RTLD_NOW);
			if (convert("ISO-8859-15"))
				return 77;
			message = dlerror();
			puts(message ? message : "none");
			dlopen("/nowhere/2", RTLD_NOW);
			message = dlerror();
			if (convert("UTF-16LE"))
				return 77;
			puts(message ? message : "none");
			message = dlerror();
			puts(message ? message : "none");
			return 0;
		}
	END
	run ./message
	((status != 77)) || skip "iconv has no converters here"
	expected=$output
	run -0 "${follow[@]}" ./message
	assert_output "$expected"
}

@test "exec --follow-dlopen seals in another namespace, before its own code runs" {
	start "${follow[@]}" ./open
	say "apart $folder/libplugin.so"
	assert_equal "$heard" ok
	assert_finishes_with 7
	assert_equal "$(<"$target_errors")" 'plugin sealed'
}

@test "exec --follow-dlopen and an object whose dynamic section is in read-only memory" {
	requires program:ld.lld
	plugin rodynamic -fuse-ld=lld -Wl,-z,rodynamic
	readelf -lW librodynamic.so | grep -qE '^ *DYNAMIC .* R  '
	own=$(readelf -dW librodynamic.so | awk '$2 ~ /^\(INIT(_ARRAY)?\)$/ { print $3; exit }')
	start "${follow[@]}" ./open
	say "open $folder/librodynamic.so"
	assert_equal "$heard" ok
	say "init $folder/librodynamic.so"
	assert_equal "$heard" "$own"
	assert_equal "$(awk '/librodynamic/ { print $2; exit }' "/proc/$pid/maps")" r--p
	assert_finishes_with 7
	assert_equal "$(<"$target_errors")" 'rodynamic sealed'
}

@test "exec --follow-dlopen at the limit of mappings: RELRO is read-only all the same" {
	limit=$(</proc/sys/vm/max_map_count)
	((limit <= 100000)) || skip "there may be $limit mappings"
	program full - <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <sys/mman.h>
		#include <unistd.h>

		/* leaves room for so many mappings, and tells how the page with the pointer is mapped */
		int main(int argc, char **argv)
		{
			size_t size = getpagesize(), room = (size_t)atoi(argv[1]), n = 0;
			char *p = mmap(NULL, 200000 * size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			char row[4096];
			void *handle;
			FILE *f;

			while (n < 200000 && mprotect(p + n * size, size, PROT_NONE) == 0)
				n += 2;
			for (size_t i = 2; i <= room; i += 2)
				mprotect(p + (n - i) * size, size, PROT_READ);
			handle = dlopen("./libplugin.so", RTLD_NOW);
			mprotect(p, 200000 * size, PROT_READ);
			f = fopen("/proc/self/maps", "r");
			while (handle && f && fgets(row, sizeof(row), f)) {
				unsigned long start, end, pointer = (unsigned long)dlsym(handle, "pointer");
				char perms[5];

				if (sscanf(row, "%lx-%lx %4s", &start, &end, perms) == 3 &&
				    pointer >= start && pointer < end)
					puts(perms);
			}
			return handle ? 0 : 3;
		}
	END
	loaded=0
	for ((room = 0; room < 14; room++)); do
		run --separate-stderr "${follow[@]}" ./full "$room"
		((status == 3)) && continue
		((++loaded))
		assert_output 'r--p'
		# shellcheck disable=SC2154 # set by run
		[[ $stderr == 'plugin sealed' || $stderr == *'warning: cannot seal ./libplugin.so'* ]]
	done
	((loaded > 0))
}

@test "a warning without a reader does not end the program of exec --follow-dlopen" {
	program limited - <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		#include <sys/resource.h>
		#include <unistd.h>

		int main(void)
		{
			struct rlimit r;
			unsigned long pages = 0;
			FILE *f = fopen("/proc/self/statm", "r");
			void *handle;

			if (!f || fscanf(f, "%lu", &pages) != 1)
				return 1;
			getchar();
			/* enough for the library */
			r.rlim_cur = r.rlim_max = (pages + 100) * getpagesize();
			setrlimit(RLIMIT_AS, &r);
			handle = dlopen("./libsilent.so", RTLD_NOW);
			puts(handle ? "ok" : dlerror());
			return 0;
		}
	END
	gcc -shared -o libsilent.so -xc - <<<'__attribute__((constructor)) static void initialize(void) {}'
	run -0 --separate-stderr "${follow[@]}" ./limited </dev/null
	assert_output ok
	assert_stderr 'msealctl: warning: cannot seal ./libsilent.so: ENOMEM'
	launch bash -c 'exec 2> >(exit); wait $!; exec "$@"' _ "${follow[@]}" ./limited
	say go
	assert_equal "$heard" ok
	assert_finishes_with 0
}

@test "exec --follow-dlopen reads no other file, as the program itself may serve it" {
	requires root
	program served - <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <fcntl.h>
		#include <linux/userfaultfd.h>
		#include <stdio.h>
		#include <sys/ioctl.h>
		#include <sys/mman.h>
		#include <sys/syscall.h>
		#include <unistd.h>

		int main(void)
		{
			size_t size = getpagesize();
			int file = memfd_create("served", 0), fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
			struct uffdio_api api = { .api = UFFD_API };
			struct uffdio_register whole = { .mode = UFFDIO_REGISTER_MODE_MISSING };

			if (file < 0 || fd < 0 || ftruncate(file, (off_t)size) != 0)
				return 77;
			whole.range.start = (unsigned long)mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
			whole.range.len = size;
			if (ioctl(fd, UFFDIO_API, &api) != 0 || ioctl(fd, UFFDIO_REGISTER, &whole) != 0)
				return 77;
			/* from now on, who reads that memory waits for this thread */
			puts(dlopen("./libplugin.so", RTLD_NOW) ? "ok" : dlerror());
			return 0;
		}
	END
	run ./served
	((status != 77)) || skip "no userfaultfd(2) for this"
	run -0 --separate-stderr timeout "$patience" "${follow[@]}" ./served
	assert_output ok
	assert_stderr 'plugin sealed'
}

@test "exec --follow-dlopen works beside an auditor that looks at each call" {
	[[ $(uname -m) == x86_64 ]] || skip "each machine has functions of its own for that"
	# a sanitizer calls dlsym with RTLD_NEXT, which crashes glibc beside such an auditor
	requires ptrace plain-build
	[[ ! ${MSEALCTL_TEST_GLIBC-} ]] || skip "the auditor is of the C library of this machine"
	gcc -shared -fPIC -o libcalls.so -x c - <<-'END'
		#define _GNU_SOURCE
		#include <link.h>

		unsigned int la_version(unsigned int version) { return version; }

		unsigned int la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
		{
			return LA_FLG_BINDTO | LA_FLG_BINDFROM;
		}

		Elf64_Addr la_x86_64_gnu_pltenter(Elf64_Sym *sym, unsigned int index, uintptr_t *ref,
						  uintptr_t *def, La_x86_64_regs *regs,
						  unsigned int *flags, const char *name, long *size)
		{
			*size = 64;
			return sym->st_value;
		}
	END
	start env LD_AUDIT="$folder/libcalls.so" "${follow[@]}" ./open
	say "open $folder/libplugin.so"
	assert_equal "$heard" ok
	assert_finishes_with 7
	assert_equal "$(<"$target_errors")" 'plugin sealed'
}
