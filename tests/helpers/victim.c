/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * victim [OPTION=VALUE...]: a process with mappings of every class, from the table
 * below.  Prints "pid PID", a line "NAME START END" for each, then "ready"; ends at
 * the end of input.  A line of input that is a NAME is answered with "NAME ok" or
 * "NAME ERRNO": the result of giving the mapping the protection that it has.
 *
 * file=PATH: map this file too, as file0, file1 ...   unlink=PATH: the same, then unlink it
 * named=NAME: name a page of anonymous memory         comm=NAME: be called NAME
 * threads=N: have N more threads                      many=N: N more mappings
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

#define PLACES_MAX 64
#define PAGES_MAX 16

struct place {
	char name[32];
	uint8_t *start;
	size_t size;
	int prot;
};

static struct place places[PLACES_MAX];
static size_t place_count;
static size_t page;
/* no page is larger; so that there is one of .data and one of .bss, apart from what else is in there */
#define PAGE_MAX 65536
static char data_page[3 * PAGE_MAX] = "data", bss_page[3 * PAGE_MAX];

static void die(const char *what)
{
	fprintf(stderr, "victim: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void add_place(const char *name, void *start, size_t size, int prot)
{
	struct place *p = &places[place_count++];

	if (place_count == PLACES_MAX)
		die("too many mappings");
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->start = start;
	p->size = size;
	p->prot = prot;
}

static int open_memfd(void)
{
	int fd = memfd_create("victim", 0);

	if (fd < 0 || ftruncate(fd, (off_t)(PAGES_MAX * page)) != 0)
		die("memfd_create");
	return fd;
}

static int open_temp(void)
{
	char path[4096];
	const char *dir = getenv("BATS_TEST_TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/victim.XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0 || ftruncate(fd, (off_t)(PAGES_MAX * page)) != 0)
		die(path);
	unlink(path);
	return fd;
}

static int open_zero(void)
{
	return open("/dev/zero", O_RDWR);
}

static const struct mapping {
	const char *name;
	int prot, flags;
	int (*open)(void);
	size_t pages;
} mappings[] = {
	{ "anon-rw", PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 3 },
	{ "anon-ro", PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 4 },
	{ "anon-none", PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 5 },
	{ "anon-rx", PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 1 },
	{ "file-ro", PROT_READ, MAP_PRIVATE, open_temp, 2 },
	{ "file-rw", PROT_READ | PROT_WRITE, MAP_PRIVATE, open_temp, 3 },
	{ "file-shared", PROT_READ | PROT_WRITE, MAP_SHARED, open_temp, 4 },
	{ "memfd-shared", PROT_READ | PROT_WRITE, MAP_SHARED, open_memfd, 2 },
	{ "shm-anon", PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, NULL, 6 },
	{ "shm-zero", PROT_READ, MAP_SHARED, open_zero, 1 },
};

/* Each with a hole before and behind it, where no neighbour can merge with it. */
static void make_mapping(const struct mapping *m)
{
	size_t size = m->pages * page;
	int fd = m->open ? m->open() : -1;
	uint8_t *p = mmap(NULL, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, size + 2 * page) != 0 ||
	    mmap(p + page, size, m->prot, m->flags | MAP_FIXED, fd, 0) == MAP_FAILED)
		die(m->name);
	add_place(m->name, p + page, size, m->prot);
	if (fd >= 0)
		close(fd);
}

static void make_sysv(void)
{
	int id = shmget(IPC_PRIVATE, page, IPC_CREAT | 0600);
	void *p = id >= 0 ? shmat(id, NULL, 0) : (void *)-1;

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	if (p == (void *)-1)
		die("shmat");
	add_place("shm-sysv", p, page, PROT_READ | PROT_WRITE);
}

/* What was not mapped by us: a page of each. */
static void add_found(const char *name, const void *addr, int prot)
{
	add_place(name, (void *)((uintptr_t)addr & ~(uintptr_t)(page - 1)), page, prot);
}

static void map_file(const char *path, bool removed)
{
	static unsigned count;
	char name[32];
	int fd = open(path, O_RDONLY);
	void *p = fd >= 0 ? mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;

	if (p == MAP_FAILED)
		die(path);
	close(fd);
	if (removed)
		unlink(path);
	snprintf(name, sizeof(name), "file%u", count++);
	add_place(name, p, page, PROT_READ);
}

static void map_named(const char *name)
{
	static const struct mapping mapping = {
		"named", PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 1,
	};

	make_mapping(&mapping);
	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, places[place_count - 1].start, page,
		  name) != 0)
		die("PR_SET_VMA_ANON_NAME");
}

/* N rows in maps: neighbours that differ do not merge. */
static void map_many(size_t n)
{
	uint8_t *p = mmap(NULL, n * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("many");
	for (size_t i = 0; i < n; i += 2)
		if (mprotect(p + i * page, page, PROT_READ) != 0)
			die("many");
	add_place("many", p, n * page, PROT_NONE);
}

static void *wait_for_ever(void *unused)
{
	while (pause() == -1)
		;
	return unused;
}

static void start_threads(size_t n)
{
	pthread_t thread;

	for (size_t i = 0; i < n; i++)
		if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
			die("pthread_create");
}

static void take_option(const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value++ - word) : 0;

	if (len == 4 && strncmp(word, "file", len) == 0) {
		map_file(value, false);
	} else if (len == 6 && strncmp(word, "unlink", len) == 0) {
		map_file(value, true);
	} else if (len == 5 && strncmp(word, "named", len) == 0) {
		map_named(value);
	} else if (len == 4 && strncmp(word, "comm", len) == 0) {
		prctl(PR_SET_NAME, value);
	} else if (len == 4 && strncmp(word, "many", len) == 0) {
		map_many(strtoul(value, NULL, 10));
	} else if (len == 7 && strncmp(word, "threads", len) == 0) {
		start_threads(strtoul(value, NULL, 10));
	} else {
		fprintf(stderr, "victim: unknown option '%s'\n", word);
		exit(2);
	}
}

static void add_all_found(const void *on_stack)
{
	add_found("text", (const void *)(uintptr_t)add_found, PROT_READ | PROT_EXEC);
	add_found("rodata", "a string of .rodata", PROT_READ);
	add_found("data", data_page + PAGE_MAX, PROT_READ | PROT_WRITE);
	add_found("bss", bss_page + PAGE_MAX, PROT_READ | PROT_WRITE);
	add_found("heap", malloc(1), PROT_READ | PROT_WRITE);
	add_found("stack", on_stack, PROT_READ | PROT_WRITE);
	add_found("vdso", (const void *)getauxval(AT_SYSINFO_EHDR), PROT_READ | PROT_EXEC);
}

static void answer(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < place_count; i++) {
		const struct place *p = &places[i];

		if (strcmp(p->name, line) != 0)
			continue;
		if (mprotect(p->start, p->size, p->prot) == 0)
			printf("%s ok\n", line);
		else
			printf("%s %s\n", line, strerrorname_np(errno));
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[64];

	page = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < sizeof(mappings) / sizeof(mappings[0]); i++)
		make_mapping(&mappings[i]);
	make_sysv();
	add_all_found(line);
	for (int i = 1; i < argc; i++)
		take_option(argv[i]);
	printf("pid %d\n", getpid());
	for (size_t i = 0; i < place_count; i++)
		printf("%s %p %p\n", places[i].name, (void *)places[i].start,
		       (void *)(places[i].start + places[i].size));
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		answer(line);
	return 0;
}
