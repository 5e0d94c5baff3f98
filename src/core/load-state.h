/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_LOAD_STATE_H
#define MSEALCTL_LOAD_STATE_H

#include "elf-image.h"
#include "maps.h"

/* How far the mappings of a process match the program headers of an image. */
enum load_state {
	LOAD_COMPLETE,
	LOAD_UNDERWAY,	/* its loader has still to map some of it */
	LOAD_NONE,	/* no loaded object, but a file that is mapped to be read */
};

/*
 * Compare MAPS with IMAGE, whose header is set.
 *
 * A loader first maps the whole span of an object with the permissions and the
 * offset of its first segment, and then each further segment and the bss over
 * it (glibc, elf/dl-map-segments.h; musl and the kernel do the same).  A seal
 * in between makes those mappings fail, and the program with them.  What is left
 * of the first mapping has the wrong offset or permissions for its place, and
 * extends to the end of the image; a file that a program maps to read it ends
 * where the file ends.
 */
enum load_state load_state_of(const struct image *image, const struct maps *maps);

#endif
