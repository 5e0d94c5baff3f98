/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * Runs a fuzz target over inputs that were kept, one TAP line each.
 *
 *     fuzz-NAME [FILE|FOLDER]...
 *
 * Without arguments the folder is tests/fuzz/corpus/NAME below $TOP_SRCDIR.
 * An input that breaks the target ends the program before the plan is printed.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static unsigned checks;

static void report(const char *path, int error)
{
	printf("%s %u - %s\n", error ? "not ok" : "ok", ++checks, path);
	if (error)
		printf("# %s\n", strerror(error));
	fflush(stdout);
}

/* Returns 0 or errno. */
static int run_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "re");
	/* exactly as large as the input, so that ASan sees every byte read behind it */
	uint8_t *data = malloc(size > 0 ? size : 1);
	int error = 0;

	if (!f || !data)
		error = errno;
	else if (fread(data, 1, size, f) != size)
		error = EIO;
	else
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	if (f)
		fclose(f);
	return error;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_path(const char *path);

static void run_folder(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, is_visible, alphasort);

	if (count <= 0) {
		report(path, count < 0 ? errno : ENOENT);
		return;
	}
	for (int i = 0; i < count; i++) {
		char *file;

		if (asprintf(&file, "%s/%s", path, names[i]->d_name) < 0)
			abort();
		run_path(file);
		free(file);
		free(names[i]);
	}
	free(names);
}

static void run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		report(path, errno);
	else if (S_ISDIR(st.st_mode))
		run_folder(path);
	else
		report(path, run_file(path, (size_t)st.st_size));
}

static void run_own_corpus(const char *program)
{
	const char *top = getenv("TOP_SRCDIR"), *slash = strrchr(program, '/');
	const char *name = strstr(slash ? slash : program, "fuzz-");
	char *path;

	if (asprintf(&path, "%s/tests/fuzz/corpus/%s", top ? top : ".",
		     name ? name + strlen("fuzz-") : "") < 0)
		abort();
	run_folder(path);
	free(path);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	if (argc < 2)
		run_own_corpus(argv[0]);
	printf("1..%u\n", checks);
	return 0;
}
