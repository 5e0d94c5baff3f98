/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Reading maps through a file descriptor, in whatever pieces it comes, into any arena. */
#include "maps.h"

#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "fixture.h"
#include "page.h"
#include "tap.h"

/* Do two maps say the same? */
static bool same_maps(const struct maps *a, const struct maps *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct vma *x = &a->vmas[i], *y = &b->vmas[i];

		if (x->start != y->start || x->end != y->end || x->perms != y->perms ||
		    x->offset != y->offset || x->inode != y->inode ||
		    x->dev_major != y->dev_major || x->dev_minor != y->dev_minor ||
		    x->seal != y->seal || x->types != y->types ||
		    strcmp(x->name, y->name) != 0)
			return false;
	}
	return true;
}

static void write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			_exit(1);
		text += n;
		len -= (size_t)n;
	}
}

/* maps_read() from a pipe whose other end writes TEXT, PIECE bytes at a time. */
static int read_in_pieces(struct world *w, const char *text, size_t piece)
{
	size_t len = strlen(text);
	int fds[2], r;
	pid_t pid;

	/* as packets: every read returns one write, never more */
	if (pipe2(fds, O_DIRECT | O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		for (size_t at = 0; at < len; at += piece)
			write_all(fds[1], text + at, piece < len - at ? piece : len - at);
		_exit(0);
	}
	close(fds[1]);
	world_open(w);
	r = maps_read(&w->maps, &w->arena, fds[0]);
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return r;
}

static int memfd_with(const char *text, size_t len)
{
	int fd = memfd_create("maps", MFD_CLOEXEC);

	write_all(fd, text, len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void test_short_reads(void)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 50, 4096 };
	static char text[8192];
	struct world whole, w;
	int fd = fixture_open("mainline.smaps");
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	ok(n > 6000 && n < (ssize_t)sizeof(text) - 1, "the recording is there");
	is(world_parse(&whole, text), 0, "it is read in one piece");
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		is(read_in_pieces(&w, text, pieces[i]), 0, "%zu bytes at a time", pieces[i]);
		ok(same_maps(&w.maps, &whole.maps), "%zu bytes at a time: the same rows",
		   pieces[i]);
		world_close(&w);
	}
	world_close(&whole);
}

/* ROWS rows with names of LEN bytes. */
static char *long_rows(size_t rows, size_t len, size_t *ret_len)
{
	char *text = malloc(rows * (len + 100));
	size_t at = 0;

	for (size_t i = 0; i < rows; i++) {
		at += (size_t)sprintf(text + at, "%zx000-%zx000 r--p 0 8:1 5 /", 2 * i + 1,
				      2 * i + 2);
		memset(text + at, 'a' + (int)(i % 26), len - 1);
		at += len - 1;
		text[at++] = '\n';
	}
	*ret_len = at;
	return text;
}

/* A path may be longer than PATH_MAX, and than the buffer that it is read into. */
static void test_long_names(void)
{
	static const size_t lengths[] = { 4095, 65000, 65508, 65535, 65536, 65537, 200000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t len, wrong = 0;
		char *text = long_rows(4, lengths[i], &len);
		int fd = memfd_with(text, len);
		struct world w;

		world_open(&w);
		is(maps_read(&w.maps, &w.arena, fd), 0, "names of %zu bytes", lengths[i]);
		is(w.maps.count, 4, "names of %zu bytes: all rows", lengths[i]);
		for (size_t j = 0; j < w.maps.count; j++)
			wrong += strlen(w.maps.vmas[j].name) != lengths[i] ||
				 w.maps.vmas[j].name[1] != 'a' + (char)j;
		is(wrong, 0, "names of %zu bytes: all of each", lengths[i]);
		world_close(&w);
		close(fd);
		free(text);
	}
}

static void test_errors(void)
{
	struct world w;
	int fd;

	world_open(&w);
	is(maps_read(&w.maps, &w.arena, -1), -EBADF, "no file is an error");
	fd = open("/", O_RDONLY | O_CLOEXEC);
	is(maps_read(&w.maps, &w.arena, fd), -EISDIR, "a folder is an error");
	close(fd);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	is(maps_read(&w.maps, &w.arena, fd), 0, "an empty file, as of a zombie, is none");
	is(w.maps.count, 0, "but has no rows");
	close(fd);
	fd = memfd_with("1000-2000 r--p 0 0:0 0\n1000-20", 31);
	is(maps_read(&w.maps, &w.arena, fd), -EBADMSG, "a row that stops half-way is an error");
	close(fd);
	world_close(&w);
}

static void test_own(void)
{
	struct world w;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), here = 0;
	bool found = false;

	world_open(&w);
	is(maps_read(&w.maps, &w.arena, fd), 0, "the program's own maps are read");
	for (size_t i = 0; i < w.maps.count; i++) {
		uint64_t at = (uintptr_t)&here;

		found |= at >= w.maps.vmas[i].start && at < w.maps.vmas[i].end &&
			 (w.maps.vmas[i].perms & VMA_WRITE);
	}
	ok(found, "and hold a local variable");
	world_close(&w);
	close(fd);
}

/* An arena too small is said to be so, at every size, until the size is enough. */
static void test_tiny_arenas(void)
{
	static const char text[] =
		"1000-2000 r--p 0 8:1 5 /a\n"
		"2000-3000 r--p 0 8:1 6 /bb\n"
		"3000-4000 rw-p 0 0:0 0\n";
	unsigned wrong = 0;
	size_t size, enough = 300 * sizeof(struct vma);

	for (size = 1; size < enough; size++) {
		char *buf = calloc(1, size);
		struct arena a = { .base = buf, .size = size };
		struct maps maps = { 0 };
		int r = maps_append(&maps, &a, text, sizeof(text) - 1);

		wrong += r != ARENA_FULL && r != 0;
		wrong += r == 0 && maps.count != 3;
		wrong += a.used > a.size;
		free(buf);
		if (r == 0)
			break;
	}
	is(wrong, 0, "ARENA_FULL at every size that is too small");
	ok(size > 100 && size < enough, "and success at %zu", size);
}

/* The same for maps_read(), whose buffer and array both grow; page by page. */
static void test_tiny_arenas_read(void)
{
	size_t len, page = page_size(), size, wrong = 0;
	char *text = long_rows(300, 700, &len);
	int fd = memfd_with(text, len);
	int r = ARENA_FULL;

	for (size = page; r != 0 && size < (size_t)4 << 20; size += page) {
		struct arena a = ARENA_INIT;
		struct maps maps = { 0 };

		if (arena_map(&a, size) < 0)
			break;
		lseek(fd, 0, SEEK_SET);
		r = maps_read(&maps, &a, fd);
		wrong += r != ARENA_FULL && r != 0;
		wrong += r == 0 && maps.count != 300;
		arena_unmap(&a);
	}
	is(wrong, 0, "maps_read(): ARENA_FULL at every size that is too small");
	is(r, 0, "maps_read(): success with %zu bytes", size);
	close(fd);
	free(text);
}

int main(void)
{
	test_short_reads();
	test_long_names();
	test_errors();
	test_own();
	test_tiny_arenas();
	test_tiny_arenas_read();
	return tap_done();
}
