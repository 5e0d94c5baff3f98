/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * The first process of a machine whose clock counts instructions (QEMU with
 * -icount shift=0, where rdtsc gives them): prints for each loop of calls how many
 * instructions one turn takes, in the kernel and here, with nothing sealed in the process
 * and with code at one end of the address space and a page at the other end sealed.  Each
 * is the least of many batches, which is the one that no timer has interrupted, averaged over
 * processes with a few more or less mappings: how the kernel's tree of these is balanced
 * changes some loops by a percent.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define MSEAL 462
#define PAGE 4096ul
#define ROW 1000
/* few enough to be mapped, or changed one by one, between two ticks of the timer */
#define FEW 250
#define BATCHES 40
#define PROCESSES 8
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* ROW mappings of a page each: every other one cannot be written to. */
static char *row;
/* four pages, writable, each of them touched */
static char *some;
/* nothing is mapped there */
static char *hole;
static char *heap;
/* what is sealed: no mapping of a loop merges with it, sealed or not */
static char *apart;
static char *code;

static char *map(size_t pages, int prot)
{
	char *p = mmap(NULL, pages * PAGE, prot, ANON, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static void must(int result)
{
	if (result != 0)
		abort();
}

static char *map_row(size_t pages)
{
	char *p = map(pages, RW);

	for (size_t i = 0; i < pages; i += 2)
		must(mprotect(p + i * PAGE, PAGE, PROT_READ));
	return p;
}

/* MORE is how many mappings there are that no loop touches. */
static void set_up(unsigned more)
{
	char *p;

	for (p = map(2 * more + 1, PROT_NONE); more-- > 0; p += 2 * PAGE)
		must(mprotect(p, PAGE, PROT_READ));
	apart = map(1, PROT_READ | PROT_EXEC);
	/* a mapping of its own, so that there are as many where it is not sealed */
	code = (char *)((uintptr_t)set_up & -PAGE);
	must(madvise(code, PAGE, MADV_SEQUENTIAL));
	p = map(16, PROT_NONE);
	some = p + 2 * PAGE;
	must(mprotect(some, 4 * PAGE, RW));
	memset(some, 1, 4 * PAGE);
	hole = p + 8 * PAGE;
	must(munmap(hole, 4 * PAGE));
	row = map_row(ROW);
	heap = (char *)((syscall(SYS_brk, 0) + PAGE - 1) & -PAGE);
}

static void mmap_munmap(void)
{
	must(munmap(map(4, RW), 4 * PAGE));
}

static void mmap_touch_munmap(void)
{
	char *p = map(4, RW);

	*p = 1;
	must(munmap(p, 4 * PAGE));
}

static void mmap_fixed(void)
{
	if (mmap(some, PAGE, RW, ANON | MAP_FIXED, -1, 0) != some)
		abort();
}

static void munmap_row(void)
{
	must(munmap(map_row(FEW), FEW * PAGE));
}

static void mprotect_page(void)
{
	must(mprotect(some, PAGE, PROT_READ));
	must(mprotect(some, PAGE, RW));
}

static void mprotect_row(void)
{
	must(mprotect(row, FEW * PAGE, PROT_READ));
	for (size_t i = 1; i < FEW; i += 2)
		must(mprotect(row + i * PAGE, PAGE, RW));
}

static void dontneed_fault(void)
{
	must(madvise(some, PAGE, MADV_DONTNEED));
	*some = 1;
}

static void dontneed_row(void)
{
	must(madvise(row, ROW * PAGE, MADV_DONTNEED));
}

static void mremap_grow_shrink(void)
{
	if (mremap(hole - PAGE, PAGE, 2 * PAGE, 0) != hole - PAGE)
		abort();
	if (mremap(hole - PAGE, 2 * PAGE, PAGE, 0) != hole - PAGE)
		abort();
}

static void mremap_move(void)
{
	int fixed = MREMAP_MAYMOVE | MREMAP_FIXED;

	if (mremap(hole - PAGE, PAGE, PAGE, fixed, hole + PAGE) != hole + PAGE)
		abort();
	if (mremap(hole + PAGE, PAGE, PAGE, fixed, hole - PAGE) != hole - PAGE)
		abort();
}

static void brk_up_down(void)
{
	syscall(SYS_brk, heap + 4 * PAGE);
	syscall(SYS_brk, heap);
}

static void fork_wait(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		abort();
}

static void mremap_same(void)
{
	if (mremap(some, 4 * PAGE, 4 * PAGE, 0) != some)
		abort();
}

static void mprotect_same(void)
{
	must(mprotect(some, 4 * PAGE, RW));
}

static void madvise_normal(void)
{
	must(madvise(some, 4 * PAGE, MADV_NORMAL));
}

static void dontneed_nothing(void)
{
	must(madvise(row + PAGE, PAGE, MADV_DONTNEED));
}

static void munmap_hole(void)
{
	must(munmap(hole, PAGE));
}

static const struct loop {
	const char *name;
	void (*turn)(void);
	/* in a batch, so few that most batches are between two ticks */
	unsigned turns;
} loops[] = {
	{ "mmap+munmap", mmap_munmap, 50 },
	{ "mmap+touch+munmap", mmap_touch_munmap, 50 },
	{ "mmap-fixed", mmap_fixed, 50 },
	{ "munmap-250", munmap_row, 1 },
	{ "mprotect-page", mprotect_page, 50 },
	{ "mprotect-250", mprotect_row, 1 },
	{ "dontneed+fault", dontneed_fault, 50 },
	{ "dontneed-1000", dontneed_row, 1 },
	{ "mremap-grow+shrink", mremap_grow_shrink, 50 },
	{ "mremap-move", mremap_move, 50 },
	{ "brk", brk_up_down, 50 },
	{ "fork+exit", fork_wait, 1 },
	{ "nothing:mremap-same", mremap_same, 100 },
	{ "nothing:mprotect-same", mprotect_same, 100 },
	{ "nothing:madvise-normal", madvise_normal, 100 },
	{ "nothing:dontneed", dontneed_nothing, 100 },
	{ "nothing:munmap-hole", munmap_hole, 100 },
};

static uint64_t measure(const struct loop *loop)
{
	uint64_t least = UINT64_MAX;

	for (unsigned batch = 0; batch < BATCHES; batch++) {
		uint64_t spent, start = __rdtsc();

		for (unsigned i = 0; i < loop->turns; i++)
			loop->turn();
		spent = (__rdtsc() - start) / loop->turns;
		if (spent < least)
			least = spent;
	}
	return least;
}

/* Code at one end of the address space, and a page at the other one. */
static bool seal(void)
{
	return syscall(MSEAL, code, PAGE, 0, 0) == 0 &&
	       syscall(MSEAL, apart, PAGE, 0, 0) == 0;
}

#define LOOPS (sizeof(loops) / sizeof(loops[0]))

/* In a process of its own, since each loop leaves mappings a little changed. */
static void run_apart(unsigned more, bool sealed, uint64_t sums[LOOPS])
{
	pid_t pid = fork();

	if (pid == 0) {
		set_up(more);
		if (sealed && !seal())
			_exit(1);
		for (size_t i = 0; i < LOOPS; i++)
			sums[i] += measure(&loops[i]);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		abort();
}

/* Print WORD, the name and the number of instructions of each loop; nothing without mseal(). */
static void run(const char *word, bool sealed)
{
	uint64_t *sums = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (sums == MAP_FAILED)
		abort();
	for (unsigned i = 0; i < PROCESSES; i++)
		run_apart(i, sealed, sums);
	for (size_t i = 0; i < LOOPS && sums[i] > 0; i++)
		printf("%s %s %llu\n", word, loops[i].name,
		       (unsigned long long)(sums[i] / PROCESSES));
	fflush(stdout);
	munmap(sums, PAGE);
}

int main(void)
{
	int console = open("/dev/console", O_RDWR);

	if (console >= 0)
		dup2(console, STDOUT_FILENO);
	run("unsealed", false);
	run("sealed", true);
	printf("end\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
