/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * swap FILE DIR KIND: a process that changes the instruction which msealctl borrows.  It has no
 * vdso, and maps FILE, an ELF object made here, below all else, where it is found first.
 * A child of another process, "writer PID", writes code of KIND to that instruction when it
 * gets SIGTERM.  A seccomp filter kills the process for mkdir(2), vfork(2), and a mseal(2)
 * of other arguments.  Prints "pid PID", "writer PID", and "ready".  Ends with its input;
 * status 0.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE ((size_t)sysconf(_SC_PAGESIZE))
#define BASE ((char *)0x10000000)
#define SYS_MSEAL 462

/* The borrowed instruction is at the start of the second page. */
static const unsigned char gadgets[] = {
	0x0f, 0x05, 0xc3,			/* syscall; ret */
	[16] = 0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05,	/* mov $rt_sigreturn, %eax; syscall */
	[64] = 0x0f, 0x05, 0xc3,
};

struct code {
	const char *kind;
	unsigned char bytes[32];
	size_t len;
};

static struct code codes[] = {
	/* mov $83, %eax; movabs $DIR, %rdi; mov $0755, %esi; syscall; jmp . */
	{ "mkdir", { 0xb8, 83, 0, 0, 0, 0x48, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0,
		     0xbe, 0xed, 1, 0, 0, 0x0f, 0x05, 0xeb, 0xfe }, 24 },
	/* mov $58, %eax; syscall; 1: mov $34 (pause), %eax; syscall; jmp 1b */
	{ "vfork", { 0xb8, 58, 0, 0, 0, 0x0f, 0x05, 0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7 }, 16 },
	/* the same call for another address: xor %edi, %edi; syscall */
	{ "arguments", { 0x31, 0xff, 0x0f, 0x05, 0xeb, 0xfe }, 6 },
	/* the same number in the other ABI: int $0x80 */
	{ "compat", { 0xcd, 0x80, 0xeb, 0xfe }, 4 },
	/* the same call, by another instruction: jmp to the one at 64 */
	{ "elsewhere", { 0xeb, 62 }, 2 },
	{ "fault", { 0x0f, 0x0b }, 2 },
	{ "spin", { 0xeb, 0xfe }, 2 },
	/* of a file whose server does not answer: its page has to be read again */
	{ "drop", { 0 }, 0 },
};

static char directory[1024];

static void die(const char *what)
{
	fprintf(stderr, "swap: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void make_file(int fd)
{
	const Elf64_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_ehsize = sizeof(head), .e_phoff = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
	};
	const Elf64_Phdr loads[] = {
		{ .p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = PAGE, .p_memsz = PAGE,
		  .p_align = PAGE },
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = PAGE, .p_vaddr = PAGE,
		  .p_filesz = PAGE, .p_memsz = PAGE, .p_align = PAGE },
	};

	if (ftruncate(fd, 2 * PAGE) != 0 ||
	    pwrite(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    pwrite(fd, loads, sizeof(loads), sizeof(head)) != sizeof(loads) ||
	    pwrite(fd, gadgets, sizeof(gadgets), PAGE) != sizeof(gadgets))
		die("pwrite");
}

static pid_t start_writer(int fd, const struct code *code)
{
	sigset_t set;
	pid_t writer;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	writer = fork();
	if (writer < 0)
		die("fork");
	if (writer > 0)
		return writer;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigwait(&set, &sig);
	if (code->len == 0)
		_exit(ftruncate(fd, PAGE) != 0 || ftruncate(fd, 2 * PAGE) != 0);
	_exit(pwrite(fd, code->bytes, code->len, PAGE) != (ssize_t)code->len);
}

static void set_filter(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_vfork, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_MSEAL, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { sizeof(f) / sizeof(f[0]), f };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		die("seccomp");
}

static struct code *find_code(const char *kind)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].kind, kind) == 0)
			return &codes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct code *code = argc == 4 ? find_code(argv[3]) : NULL;
	const char *dir = directory;
	unsigned long vdso;
	pid_t writer;
	char c;
	int fd;

	if (!code) {
		fputs("usage: swap FILE DIR KIND\n", stderr);
		return 1;
	}
	snprintf(directory, sizeof(directory), "%s", argv[2]);
	if (strcmp(code->kind, "mkdir") == 0)
		memcpy(code->bytes + 7, &dir, sizeof(dir));
	fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(argv[1]);
	make_file(fd);
	if (mmap(BASE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED ||
	    mmap(BASE + PAGE, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
		 PAGE) == MAP_FAILED)
		die("mmap");
	writer = start_writer(fd, code);
	/* the kernel unmaps a part of it for no one, and its size is not known */
	vdso = getauxval(AT_SYSINFO_EHDR);
	for (size_t len = PAGE; vdso && munmap((void *)vdso, len) != 0; len += PAGE)
		if (errno != EINVAL || len > 64 * PAGE)
			die("munmap");
	set_filter();
	printf("pid %d\nwriter %d\nready\n", getpid(), writer);
	fflush(stdout);
	return read(STDIN_FILENO, &c, 1) != 0;
}
