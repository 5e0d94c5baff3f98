/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
/*
 * sealrows PID [CLASS...]: the text, rodata and relro of every ELF object that is mapped
 * in PID, from the files on disk, and whether smaps shows all of it sealed: a line
 * "CLASS START END sealed|open OBJECT" each.  Status 0: all are sealed, 3: not, 1: error.
 *
 * The oracle from outside.  It knows nothing of msealctl, which reads the same from
 * the memory of the process.
 */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct row {
	uint64_t start, end, offset;
	char perms[5];
	bool sealed;
	char *path;
};

static struct row *rows;
static size_t row_count;
static uint64_t page;

static void die(const char *what)
{
	fprintf(stderr, "sealrows: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* "START-END PERMS OFFSET DEV INODE [PATH]"; no field of smaps begins like that. */
static bool take_header(char *line)
{
	struct row r = { .sealed = false };
	int at = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%lx-%lx %4s %lx %*x:%*x %*u %n", &r.start, &r.end, r.perms,
		   &r.offset, &at) < 4)
		return false;
	r.path = strdup(at > 0 ? line + at : "");
	rows = reallocarray(rows, row_count + 1, sizeof(*rows));
	if (!rows || !r.path)
		die("memory");
	rows[row_count++] = r;
	return true;
}

static void read_smaps(const char *pid)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/smaps", pid);
	f = fopen(path, "r");
	if (!f)
		die(path);
	while (getline(&line, &size, f) > 0) {
		if (take_header(line) || strncmp(line, "VmFlags:", 8) != 0)
			continue;
		for (char *word = strtok(line + 8, " \n"); word; word = strtok(NULL, " \n"))
			if (strcmp(word, "sl") == 0)
				rows[row_count - 1].sealed = true;
	}
	if (ferror(f) || row_count == 0)
		die(path);
	free(line);
	fclose(f);
}

/* Is every byte of the range in a row with "sl"? */
static bool is_sealed(uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < row_count && start < end; i++) {
		if (rows[i].end <= start)
			continue;
		if (rows[i].start > start || !rows[i].sealed)
			return false;
		start = rows[i].end;
	}
	return start >= end;
}

static const char *class_of(const Elf64_Phdr *ph)
{
	if (ph->p_type == PT_GNU_RELRO)
		return "relro";
	if (ph->p_type != PT_LOAD)
		return NULL;
	if (ph->p_flags & PF_X)
		return "text";
	return ph->p_flags & PF_W ? NULL : "rodata";
}

static bool is_wanted(const char *class, char **classes)
{
	if (!class || !*classes)
		return class;
	for (; *classes; classes++)
		if (strcmp(class, *classes) == 0)
			return true;
	return false;
}

static bool print_segment(const Elf64_Phdr *ph, uint64_t bias, const char *class,
			  const char *object)
{
	uint64_t start = (bias + ph->p_vaddr) & ~(page - 1);
	uint64_t end = bias + ph->p_vaddr + ph->p_memsz;
	bool sealed;

	/* the loader protects whole pages, and leaves the last one if it is shared */
	end = ph->p_type == PT_LOAD ? (end + page - 1) & ~(page - 1) : end & ~(page - 1);
	if (end <= start)
		return true;
	sealed = is_sealed(start, end);
	printf("%s 0x%lx 0x%lx %s %s\n", class, start, end, sealed ? "sealed" : "open", object);
	return sealed;
}

/* All that is wanted of the object that begins in row R. */
static bool print_object(const struct row *r, const Elf64_Phdr *phdrs, size_t n, char **classes)
{
	uint64_t bias = 0;
	bool all = true, found = false;

	for (size_t i = 0; i < n; i++) {
		const char *class = class_of(&phdrs[i]);

		if (phdrs[i].p_type == PT_LOAD && !found) {
			bias = r->start - (phdrs[i].p_vaddr & ~(page - 1));
			found = true;
		}
		if (found && is_wanted(class, classes))
			all = print_segment(&phdrs[i], bias, class, r->path) && all;
	}
	return all;
}

/* A file that is mapped, but nowhere executable, is data to the process. */
static bool is_loaded(const char *path)
{
	for (size_t i = 0; i < row_count; i++)
		if (strcmp(rows[i].path, path) == 0 && rows[i].perms[2] == 'x')
			return true;
	return false;
}

/* The program headers of the file, of 64 bits or 32, at most MAX; 0 if there are none. */
static size_t read_phdrs(FILE *f, Elf64_Phdr *ret, size_t max)
{
	union { Elf64_Ehdr h64; Elf32_Ehdr h32; } h;
	Elf32_Phdr p;
	size_t n;

	if (fread(&h, sizeof(h), 1, f) != 1 || memcmp(&h, ELFMAG, SELFMAG) != 0)
		return 0;
	if (h.h64.e_ident[EI_CLASS] == ELFCLASS64) {
		n = h.h64.e_phnum;
		return n <= max && fseek(f, (long)h.h64.e_phoff, SEEK_SET) == 0 &&
		       fread(ret, sizeof(*ret), n, f) == n ? n : 0;
	}
	n = h.h32.e_phnum;
	if (n > max || fseek(f, (long)h.h32.e_phoff, SEEK_SET) != 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (fread(&p, sizeof(p), 1, f) != 1)
			return 0;
		ret[i] = (Elf64_Phdr){ .p_type = p.p_type, .p_flags = p.p_flags,
				       .p_vaddr = p.p_vaddr, .p_memsz = p.p_memsz };
	}
	return n;
}

/* Is R the start of a file once more, with what a small one has in its first page? */
static bool continues(const struct row *r)
{
	return r > rows && r[-1].end == r->start && r[-1].offset == 0 &&
	       strcmp(r[-1].path, r->path) == 0;
}

/* *RET says whether all of it is sealed.  Returns whether R is the head of an ELF object. */
static bool check_row(const struct row *r, const char *pid, char **classes, bool *ret)
{
	char path[4200];
	Elf64_Phdr phdrs[64];
	size_t n;
	FILE *f;

	if (r->offset != 0 || r->path[0] != '/' || continues(r) || !is_loaded(r->path))
		return false;
	snprintf(path, sizeof(path), "/proc/%s/root%s", pid, r->path);
	f = fopen(path, "r");
	if (!f)
		return false;
	n = read_phdrs(f, phdrs, sizeof(phdrs) / sizeof(phdrs[0]));
	fclose(f);
	*ret = print_object(r, phdrs, n, classes);
	return n > 0;
}

int main(int argc, char **argv)
{
	bool all = true, sealed;
	size_t objects = 0;

	if (argc < 2)
		return 1;
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	read_smaps(argv[1]);
	for (size_t i = 0; i < row_count; i++) {
		if (!check_row(&rows[i], argv[1], argv + 2, &sealed))
			continue;
		objects++;
		all = all && sealed;
	}
	if (objects == 0) {
		fprintf(stderr, "sealrows: %s: no ELF object\n", argv[1]);
		return 1;
	}
	return all ? 0 : 3;
}
