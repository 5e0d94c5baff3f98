/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_SELECT_H
#define MSEALCTL_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "region.h"

#define SELECT_DEFAULT "text,rodata,relro"

enum term_kind {
	TERM_CLASS,		/* CLASS, CLASS:GLOB, CLASS:@exe, all, dlopened */
	TERM_NAME,		/* name:GLOB */
	TERM_RANGE,		/* 0xSTART-0xEND */
};

/* One TERM of --seal or --exclude. */
struct term {
	enum term_kind kind;
	const char *text;	/* as it was written, into the parsed list */
	size_t text_len;
	unsigned classes;	/* bits 1 << enum region_class */
	bool exe;		/* CLASS:@exe */
	bool dlopened;		/* dlopened, dlopened:GLOB */
	const char *glob;	/* NULL when there is none */
	size_t glob_len;
	uint64_t start, end;
	size_t hits;		/* regions it has selected in the last plan, */
	bool hit_before;	/* or it has in one of the plans before */
};

struct selection {
	struct term *terms;
	size_t count;
};

enum select_fault {
	SELECT_OK,
	SELECT_EMPTY,		/* an empty term, or an empty list */
	SELECT_CLASS,		/* unknown class */
	SELECT_GLOB,		/* nothing after the colon */
	SELECT_ESCAPE,		/* a backslash with nothing after it */
	SELECT_AT,		/* @WORD other than @exe */
	SELECT_RANGE,		/* not 0xSTART-0xEND */
	SELECT_ALIGN,		/* START or END is not on a page boundary */
	SELECT_ORDER,		/* END is not above START */
	SELECT_FAULT_COUNT,
};

/* What was wrong, and in which term. */
struct select_error {
	const char *option;	/* set by choice_parse() alone */
	enum select_fault fault;
	const char *term;
	size_t term_len;
};

/*
 * Parse LIST, which must outlive RET.  A comma inside a GLOB is written "\,".
 * Returns 0, -EINVAL with *RET_ERROR filled in, or ARENA_FULL.
 */
int selection_parse(struct selection *ret, struct arena *arena, const char *list,
		    struct select_error *ret_error);

/* Is the piece of REGION at POS selected?  Counts a hit for every term that selects it. */
bool selection_has(struct selection *selection, const struct region *region, uint64_t pos);

/*
 * Is it a mistake if TERM matches nothing, and not just a class that happens to be empty:
 * has it a glob, a name or a range?  With FOLLOWS, objects that a glob matches may come later.
 */
bool term_must_match(const struct term *term, bool follows);

/* Where, after POS and before LIMIT, the answer may change inside one region. */
uint64_t selection_next(const struct selection *selection, uint64_t pos, uint64_t limit);

#endif
