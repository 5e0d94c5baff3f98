/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_MSEAL_H
#define MSEALCTL_MSEAL_H

#include <stdint.h>

/*
 * mseal(2) has one number on every architecture that we build for; the headers
 * of Debian 12 (Linux 6.1) do not know it yet.
 */
#ifndef __NR_mseal
#define __NR_mseal 462
#endif

/* The types of our kernel patch; a mainline seal is all of them at once. */
enum seal_type {
	SEAL_SEAL     = 0x1,	/* no type can be added any more */
	SEAL_BASE     = 0x2,	/* no unmapping, moving, resizing, mapping over */
	SEAL_PROT_PKEY = 0x4,	/* no change of protection */
	SEAL_DISCARD  = 0x8,	/* no discarding of read-only anonymous memory */
	SEAL_ALL      = 0xf,
};

struct seal_type_name {
	const char *name;
	enum seal_type type;
};

/* The words of --types and of the "Seals:" line, without "all"; ends with a NULL name. */
extern const struct seal_type_name seal_type_names[];

/*
 * The third argument that asks for TYPES (enum seal_type bits).  0 is mainline's
 * only valid value and means "everything" to the patched kernel as well, so
 * asking for everything works without knowing which kernel runs.
 */
unsigned long mseal_argument(unsigned types);

/* Seal [ADDR, ADDR + LEN) of the calling process.  Returns 0 or -errno. */
int mseal_self(uint64_t addr, uint64_t len, unsigned types);

/* What the error of a call for TYPES on a well-formed range means, a sentence. */
const char *mseal_error_reason(int error, unsigned types);

enum mseal_abi {
	MSEAL_MAINLINE,		/* one seal */
	MSEAL_TYPED,		/* seal types: our patch */
	MSEAL_ABSENT,		/* ENOSYS: an older kernel, or a filter that hides it */
	MSEAL_DENIED,		/* EPERM: only a seccomp filter can answer so */
	MSEAL_ODD,		/* an answer that neither ABI gives */
};

/*
 * Which mseal the calling process has, from two calls that seal nothing:
 * (0, 0, 0) is 0 wherever the call exists, (0, 0, SEAL_BASE) is EINVAL on
 * mainline and 0 on the typed kernel.
 */
enum mseal_abi mseal_detect(void);

#endif
