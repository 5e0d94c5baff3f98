/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "dlerror.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "relro.h"

/*
 * Where glibc's thread-local pointer to the message lies, from pthread_self(): the same in
 * all threads, as libc has static TLS.  0: not found.
 */
RELRO static volatile uintptr_t offset;

static void **pointer(void)
{
	return (void **)((uintptr_t)pthread_self() + offset);
}

int dlerror_find(void)
{
	/* RTLD_DEFAULT needs to know its caller, which another auditor's la_pltexit() hides */
	void *program = dlopen(NULL, RTLD_LAZY);
	/* private to glibc, in this form since 2.34 */
	void *found = program ? dlsym(program, "__libc_dlerror_result") : NULL;
	uintptr_t distance = (uintptr_t)found - (uintptr_t)pthread_self();

	if (found)
		return relro_write(&offset, &distance, sizeof(distance));
	/* drop the message of dlsym() */
	dlerror();
	return 0;
}

void *dlerror_hide(void)
{
	void *message = NULL;

	if (offset != 0) {
		message = *pointer();
		*pointer() = NULL;
	}
	return message;
}

void dlerror_show(void *message)
{
	/* the second call frees what the first one returned */
	if (dlerror())
		dlerror();
	if (offset != 0)
		*pointer() = message;
}
