/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "select.h"

#include <errno.h>
#include <string.h>

#include "glob.h"
#include "number.h"
#include "page.h"

#define CLASSES_ALL (~(1u << CLASS_NONE))
#define DLOPENED "dlopened"

/* A piece of the list. */
struct span {
	const char *s;
	size_t len;
};

static bool span_is(struct span a, const char *word)
{
	return a.len == strlen(word) && memcmp(a.s, word, a.len) == 0;
}

static unsigned classes_of(struct span word)
{
	if (span_is(word, "all") || span_is(word, DLOPENED))
		return CLASSES_ALL;
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		if (region_class_names[i] && span_is(word, region_class_names[i]))
			return 1u << i;
	return 0;
}

static enum select_fault parse_glob(struct term *term, struct span glob)
{
	size_t i;

	if (glob.len == 0)
		return SELECT_GLOB;
	for (i = 0; i < glob.len; i++)
		if (glob.s[i] == '\\')
			i++;
	if (i > glob.len)
		return SELECT_ESCAPE;
	if (term->kind == TERM_CLASS && glob.s[0] == '@') {
		term->exe = span_is(glob, "@exe");
		return term->exe ? SELECT_OK : SELECT_AT;
	}
	term->glob = glob.s;
	term->glob_len = glob.len;
	return SELECT_OK;
}

/* "0x" and hexadecimal digits at the head of S, which then moves on. */
static bool parse_address(struct span *s, uint64_t *ret)
{
	size_t digits;

	if (s->len < 2 || s->s[0] != '0' || s->s[1] != 'x')
		return false;
	digits = number_scan(s->s + 2, s->len - 2, 16, ret);
	s->s += 2 + digits;
	s->len -= 2 + digits;
	return digits > 0;
}

static enum select_fault parse_range(struct term *term, struct span text)
{
	term->kind = TERM_RANGE;
	if (!parse_address(&text, &term->start) || text.len == 0 || text.s[0] != '-')
		return SELECT_RANGE;
	text.s++;
	text.len--;
	if (!parse_address(&text, &term->end) || text.len != 0)
		return SELECT_RANGE;
	if (page_down(term->start) != term->start || page_down(term->end) != term->end)
		return SELECT_ALIGN;
	return term->end > term->start ? SELECT_OK : SELECT_ORDER;
}

static enum select_fault parse_term(struct term *term, struct span text)
{
	const char *colon = memchr(text.s, ':', text.len);
	struct span word = { text.s, colon ? (size_t)(colon - text.s) : text.len };

	*term = (struct term){ .text = text.s, .text_len = text.len };
	if (text.len == 0)
		return SELECT_EMPTY;
	if (text.s[0] >= '0' && text.s[0] <= '9')
		return parse_range(term, text);
	if (colon && span_is(word, "name")) {
		term->kind = TERM_NAME;
		term->classes = CLASSES_ALL;
	} else {
		term->kind = TERM_CLASS;
		term->classes = classes_of(word);
		term->dlopened = span_is(word, DLOPENED);
		if (term->classes == 0)
			return SELECT_CLASS;
	}
	if (!colon)
		return SELECT_OK;
	return parse_glob(term, (struct span){ colon + 1, text.len - word.len - 1 });
}

/* Length of the term at the head of LIST: up to a comma that is not escaped. */
static size_t term_length(const char *list)
{
	size_t i = 0;

	while (list[i] && list[i] != ',') {
		if (list[i] == '\\' && list[i + 1])
			i++;
		i++;
	}
	return i;
}

int selection_parse(struct selection *ret, struct arena *arena, const char *list,
		    struct select_error *ret_error)
{
	struct selection selection = { 0 };
	size_t most = 1;

	for (const char *s = list; *s; s++)
		most += *s == ',';
	selection.terms = arena_alloc(arena, most * sizeof(*selection.terms));
	if (!selection.terms)
		return ARENA_FULL;
	for (;;) {
		size_t len = term_length(list);
		enum select_fault fault = parse_term(&selection.terms[selection.count],
						     (struct span){ list, len });
		if (fault != SELECT_OK) {
			*ret_error = (struct select_error){
				.fault = fault, .term = list, .term_len = len,
			};
			return -EINVAL;
		}
		selection.count++;
		if (list[len] == '\0')
			break;
		list += len + 1;
	}
	*ret = selection;
	return 0;
}

/* Match VMA's name from SKIP on; " (deleted)" may be part of the glob or not. */
static bool name_matches(const struct term *term, const struct vma *vma, size_t skip)
{
	const char *name = vma->name + skip;

	return glob_match(term->glob, term->glob_len, name, strlen(name)) ||
	       glob_match(term->glob, term->glob_len, name, vma_path_length(vma) - skip);
}

/* The glob against the object's path, or only its last component if it names no folder. */
static bool object_matches(const struct term *term, const struct region *region)
{
	const struct vma *vma = region->image ? region->image->header : region->vma;
	const char *slash = strrchr(vma->name, '/');
	bool base_only = slash && !memchr(term->glob, '/', term->glob_len);

	return name_matches(term, vma, base_only ? (size_t)(slash + 1 - vma->name) : 0);
}

static bool term_has(const struct term *term, const struct region *region, uint64_t pos)
{
	if (term->kind == TERM_RANGE)
		return pos >= term->start && pos < term->end && region->class != CLASS_NONE;
	if (!(term->classes & (1u << region->class)))
		return false;
	if (term->dlopened && !(region->image && region->image->dlopened == DLOPENED_YES))
		return false;
	if (term->exe)
		return region->image && region->image->is_exe;
	if (!term->glob)
		return true;
	if (term->kind == TERM_NAME)
		return name_matches(term, region->vma, 0);
	return object_matches(term, region);
}

bool selection_has(struct selection *selection, const struct region *region, uint64_t pos)
{
	bool has = false;

	for (size_t i = 0; i < selection->count; i++) {
		if (term_has(&selection->terms[i], region, pos)) {
			selection->terms[i].hits++;
			has = true;
		}
	}
	return has;
}

bool term_must_match(const struct term *term, bool follows)
{
	return term->kind == TERM_RANGE || ((term->kind == TERM_NAME || term->glob) && !follows);
}

uint64_t selection_next(const struct selection *selection, uint64_t pos, uint64_t limit)
{
	for (size_t i = 0; i < selection->count; i++) {
		const struct term *term = &selection->terms[i];

		if (term->kind != TERM_RANGE)
			continue;
		if (term->start > pos && term->start < limit)
			limit = term->start;
		if (term->end > pos && term->end < limit)
			limit = term->end;
	}
	return limit;
}
