/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "maps.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mseal.h"
#include "number.h"

/* A cursor over one line. */
struct cursor {
	const char *s;
	size_t len;
};

static bool skip_char(struct cursor *c, char wanted)
{
	if (c->len == 0 || c->s[0] != wanted)
		return false;
	c->s++;
	c->len--;
	return true;
}

static bool parse_number(struct cursor *c, unsigned base, uint64_t max, uint64_t *ret)
{
	size_t n = number_scan(c->s, c->len, base, ret);

	if (n == 0 || *ret > max)
		return false;
	c->s += n;
	c->len -= n;
	return true;
}

static bool parse_perms(struct cursor *c, unsigned *ret)
{
	static const struct { char yes, no; unsigned perm; } columns[] = {
		{ 'r', '-', VMA_READ },
		{ 'w', '-', VMA_WRITE },
		{ 'x', '-', VMA_EXEC },
		{ 's', 'p', VMA_SHARED },
	};
	unsigned perms = 0;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		if (skip_char(c, columns[i].yes))
			perms |= columns[i].perm;
		else if (!skip_char(c, columns[i].no))
			return false;
	}
	*ret = perms;
	return true;
}

/*
 * "START-END PERM OFFSET MAJOR:MINOR INODE  NAME", see proc_pid_maps(5).  The
 * name begins with '/', '[' or '(' and runs to the end of the line; trailing
 * spaces and " (deleted)" are part of what was shown.
 */
static bool parse_row(struct cursor c, struct vma *ret, struct cursor *ret_name)
{
	uint64_t major, minor;
	struct vma v = { .seal = SEAL_UNKNOWN };

	if (!parse_number(&c, 16, UINT64_MAX, &v.start) || !skip_char(&c, '-') ||
	    !parse_number(&c, 16, UINT64_MAX, &v.end) || !skip_char(&c, ' ') ||
	    !parse_perms(&c, &v.perms) || !skip_char(&c, ' ') ||
	    !parse_number(&c, 16, UINT64_MAX, &v.offset) || !skip_char(&c, ' ') ||
	    !parse_number(&c, 16, UINT32_MAX, &major) || !skip_char(&c, ':') ||
	    !parse_number(&c, 16, UINT32_MAX, &minor) || !skip_char(&c, ' ') ||
	    !parse_number(&c, 10, UINT64_MAX, &v.inode) || v.start >= v.end)
		return false;
	if (c.len > 0 && !skip_char(&c, ' '))
		return false;
	while (skip_char(&c, ' '))
		;
	v.dev_major = (uint32_t)major;
	v.dev_minor = (uint32_t)minor;
	*ret = v;
	*ret_name = c;
	return true;
}

/* The name, shared with the row before when it is the same: objects have several rows. */
static const char *intern_name(const struct maps *maps, struct arena *arena, struct cursor name)
{
	if (maps->count > 0) {
		const char *last = maps->vmas[maps->count - 1].name;

		if (strncmp(last, name.s, name.len) == 0 && last[name.len] == '\0')
			return last;
	}
	return arena_strndup(arena, name.s, name.len);
}

int maps_make_room(struct maps *maps, struct arena *arena)
{
	struct vma *vmas = arena_make_room(arena, maps->vmas, maps->count, &maps->capacity,
					   sizeof(*vmas));

	if (!vmas)
		return ARENA_FULL;
	maps->vmas = vmas;
	return 0;
}

static void keep_row(struct maps *maps, struct cursor line)
{
	struct arena *rows = maps->rows;
	size_t old = rows->used;
	char *text = arena_grow(rows, rows->base, old, old + line.len + 1);

	if (!text) {
		arena_unmap(rows);
		maps->rows = NULL;
		return;
	}
	memcpy(text + old, line.s, line.len);
	text[old + line.len] = '\n';
}

static int append_row(struct maps *maps, struct arena *arena, struct cursor line)
{
	const struct vma *before = maps->count > 0 ? &maps->vmas[maps->count - 1] : NULL;
	struct cursor name;
	struct vma vma;

	if (!parse_row(line, &vma, &name))
		return -EBADMSG;
	if (memchr(name.s, '\0', name.len))
		return -EBADMSG;
	if (before && vma.start < before->end) {
		if (vma.end <= before->end)
			return -EBADMSG;
		vma.offset += before->end - vma.start;
		vma.start = before->end;
	}
	vma.name = intern_name(maps, arena, name);
	if (!vma.name)
		return ARENA_FULL;
	if (maps_make_room(maps, arena) < 0)
		return ARENA_FULL;
	maps->vmas[maps->count++] = vma;
	if (maps->rows)
		keep_row(maps, line);
	return 0;
}

/* The next space-separated word of C, or false at its end. */
static bool next_word(struct cursor *c, struct cursor *ret_word)
{
	while (skip_char(c, ' '))
		;
	ret_word->s = c->s;
	while (c->len > 0 && c->s[0] != ' ') {
		c->s++;
		c->len--;
	}
	ret_word->len = (size_t)(c->s - ret_word->s);
	return ret_word->len > 0;
}

static bool cursor_is(struct cursor c, const char *word)
{
	return strlen(word) == c.len && memcmp(c.s, word, c.len) == 0;
}

static void read_vm_flags(struct vma *vma, struct cursor line)
{
	struct cursor word;

	vma->seal = SEAL_NONE;
	while (next_word(&line, &word)) {
		if (!cursor_is(word, "sl"))
			continue;
		vma->seal = SEAL_SEALED;
		/* no "Seals:" line means mainline's one seal */
		if (!vma->typed)
			vma->types = SEAL_ALL;
	}
}

static void read_seals(struct vma *vma, struct cursor line)
{
	struct cursor word;

	vma->typed = true;
	vma->types = 0;
	while (next_word(&line, &word))
		for (const struct seal_type_name *t = seal_type_names; t->name; t++)
			if (cursor_is(word, t->name))
				vma->types |= t->type;
}

static bool skip_prefix(struct cursor *c, const char *prefix)
{
	size_t n = strlen(prefix);

	if (c->len < n || memcmp(c->s, prefix, n) != 0)
		return false;
	c->s += n;
	c->len -= n;
	return true;
}

static int append_line(struct maps *maps, struct arena *arena, struct cursor line)
{
	struct vma *last = maps->count > 0 ? &maps->vmas[maps->count - 1] : NULL;

	if (line.len == 0)
		return -EBADMSG;
	if (line.s[0] < 'A' || line.s[0] > 'Z')
		return append_row(maps, arena, line);
	if (!last)
		return -EBADMSG;
	if (skip_prefix(&line, "VmFlags:"))
		read_vm_flags(last, line);
	else if (skip_prefix(&line, "Seals:"))
		read_seals(last, line);
	return 0;
}

int maps_append(struct maps *maps, struct arena *arena, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		int r = append_line(maps, arena,
				    (struct cursor){ text, (size_t)(stop - text) });
		if (r < 0)
			return r;
		text = newline ? newline + 1 : end;
	}
	return 0;
}

int maps_read(struct maps *maps, struct arena *arena, int fd)
{
	size_t size = 64 * 1024, fill = 0;
	char *buf = arena_alloc(arena, size);
	ssize_t n;

	if (!buf)
		return ARENA_FULL;
	while ((n = read(fd, buf + fill, size - fill)) != 0) {
		const char *last_newline;
		size_t whole;
		int r;

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		fill += (size_t)n;
		last_newline = memrchr(buf, '\n', fill);
		whole = last_newline ? (size_t)(last_newline - buf) + 1 : 0;
		r = maps_append(maps, arena, buf, whole);
		if (r < 0)
			return r;
		fill -= whole;
		memmove(buf, buf + whole, fill);
		/* one line fills the buffer: a path may be longer than PATH_MAX */
		if (fill == size) {
			char *grown = arena_grow(arena, buf, size, 2 * size);

			if (!grown)
				return ARENA_FULL;
			buf = grown;
			size *= 2;
		}
	}
	/* the kernel ends every line: this one was cut */
	return fill > 0 ? -EBADMSG : 0;
}

/* Index of the first VMA that ends above ADDR. */
static size_t first_above(const struct maps *maps, uint64_t addr)
{
	size_t low = 0, high = maps->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (maps->vmas[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct vma *maps_at(const struct maps *maps, uint64_t addr)
{
	size_t i = first_above(maps, addr);

	return i < maps->count && maps->vmas[i].start <= addr ? &maps->vmas[i] : NULL;
}

size_t vma_path_length(const struct vma *vma)
{
	static const char mark[] = " (deleted)";
	size_t len = strlen(vma->name), mark_len = sizeof(mark) - 1;

	return len > mark_len && strcmp(vma->name + len - mark_len, mark) == 0 ?
	       len - mark_len : len;
}

bool vma_same_file(const struct vma *a, const struct vma *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && a->inode != 0;
}

enum seal_state maps_seal_of(const struct maps *maps, uint64_t start, uint64_t end,
			     unsigned *ret_types)
{
	enum seal_state state = SEAL_SEALED;
	unsigned types = SEAL_ALL;

	for (size_t i = first_above(maps, start); start < end; i++) {
		const struct vma *vma;

		if (i == maps->count || maps->vmas[i].start > start)
			return SEAL_UNKNOWN;
		vma = &maps->vmas[i];
		if (vma->seal == SEAL_NONE)
			return SEAL_NONE;
		if (vma->seal == SEAL_UNKNOWN)
			state = SEAL_UNKNOWN;
		types &= vma->types;
		start = vma->end;
	}
	if (ret_types)
		*ret_types = types;
	return state;
}
