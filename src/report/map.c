/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "map.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "page.h"
#include "text.h"

/* Columns of all bars of an object, on a terminal that is not very small; of a name at least. */
#define BARS_WIDTH 30
#define NAME_WIDTH 4
/* A longer gap between two objects has a line of its own. */
#define GAP_MIN (1ull << 30)

/* Small where it is sealed, capital where it is open. */
static const char letters[CLASS_COUNT] = {
	[CLASS_TEXT] = 't', [CLASS_RODATA] = 'r', [CLASS_RELRO] = 'l', [CLASS_DATA] = 'd',
	[CLASS_STACK] = 's', [CLASS_HEAP] = 'h', [CLASS_VDSO] = 'v', [CLASS_ANON] = 'a',
	[CLASS_FILE] = 'f', [CLASS_SHM] = 'm',
};

/* What bars are filled with, by enum seal_state; and a gap. */
struct brushes { const char *fill[3], *gap; };

static const struct brushes ascii = { { "?", ".", "#" }, ":" };
static const struct brushes unicode = { { "?", "\u2591", "\u2588" }, "\u22ee" };

/* Neighbours of one class and seal. */
struct bar {
	enum region_class class;
	enum seal_state seal;
	uint64_t size;
};

/* The line at hand. */
struct drawing {
	struct report *report;
	const struct brushes *brushes;
	size_t bars_width;
	const struct region *region;	/* the first of it; NULL before the first line */
	uint64_t start, end, size;	/* of what it has, without gaps */
	struct bar bar;
	char bars[1024];		/* those before */
	size_t used, width;		/* bytes and columns of them */
	size_t left_out, left_open;	/* bars without room */
	unsigned classes, seals;	/* that are in the picture, as bits */
};

/* A step for each four times the size. */
static size_t fill_width(uint64_t size)
{
	size_t width = 1;

	for (size /= page_size(); size >= 4; size /= 4)
		width++;
	return width;
}

static const char *color_of(const struct report *report, const struct bar *bar)
{
	if (bar->seal == SEAL_SEALED)
		return "";
	/* what is never written to after the start has no reason to be open */
	return report_color(report, bar->class == CLASS_TEXT || bar->class == CLASS_RODATA ||
					    bar->class == CLASS_RELRO ? "open" : "not sealed");
}

static void put(struct drawing *d, const char *text)
{
	d->used += (size_t)snprintf(d->bars + d->used, sizeof(d->bars) - d->used, "%s", text);
}

static void end_bar(struct drawing *d)
{
	struct bar bar = d->bar;
	const char *color = color_of(d->report, &bar);
	size_t width = 1 + fill_width(bar.size);
	char letter[2] = { letters[bar.class] };

	if (bar.size == 0)
		return;
	d->bar.size = 0;
	if (d->left_out > 0 || d->width + width > d->bars_width) {
		d->left_out++;
		d->left_open += bar.seal != SEAL_SEALED;
		return;
	}
	if (bar.seal != SEAL_SEALED)
		letter[0] = (char)toupper(letter[0]);
	put(d, color);
	put(d, letter);
	for (size_t i = 1; i < width; i++)
		put(d, d->brushes->fill[bar.seal]);
	put(d, *color ? REPORT_NO_COLOR : "");
	d->width += width;
}

/* The name of the object, as far as there is room behind TAKEN columns; malloc'ed. */
static char *line_name(const struct drawing *d, size_t taken)
{
	const char *object = region_object(d->region);
	cleanup_free char *name = malloc(4 * strlen(object) + 1);
	size_t room = d->report->room;

	if (!name)
		return NULL;
	text_make_printable(name, object);
	return text_cut(name, room == SIZE_MAX ? room :
			room > taken + NAME_WIDTH ? room - taken : NAME_WIDTH, true);
}

/* Print the line: where it starts, its size, bars and name. */
static void end_line(struct drawing *d)
{
	cleanup_free char *name = NULL, *line = NULL;
	char head[64], size[16], more[80] = "";

	end_bar(d);
	snprintf(head, sizeof(head), "%#14" PRIx64 " %5s", d->start,
		 text_size(size, sizeof(size), d->size));
	if (d->left_out > 0)
		snprintf(more, sizeof(more), "(+%zu, %zu open) ", d->left_out, d->left_open);
	name = line_name(d, strlen(head) + 1 + d->bars_width + 1 + strlen(more));
	if (!name || asprintf(&line, "%s %s%*s %s%s", head, d->bars,
			      (int)(d->bars_width - d->width), "", more, name) < 0) {
		d->report->error = -ENOMEM;
		return;
	}
	/* no blanks at the end of a line without a name */
	if (!name[0] && !more[0])
		line[strlen(line) - 1 - (d->bars_width - d->width)] = '\0';
	report_line(d->report, line);
}

static void begin_line(struct drawing *d, const struct region *region, uint64_t start)
{
	char size[16], line[80];

	if (d->region)
		end_line(d);
	if (d->region && start - d->end >= GAP_MIN) {
		snprintf(line, sizeof(line), "%13s%s %5s", "", d->brushes->gap,
			 text_size(size, sizeof(size), start - d->end));
		report_line(d->report, line);
	}
	d->region = region;
	d->start = d->end = start;
	d->size = d->used = d->width = d->left_out = d->left_open = 0;
	d->bars[0] = '\0';
}

/* Do both go on one line: are they of one object, or of one kind and name outside objects? */
static bool same_object(const struct region *a, const struct region *b)
{
	if (a->image || b->image)
		return a->image == b->image;
	return a->class == b->class && strcmp(a->vma->name, b->vma->name) == 0;
}

static void add(struct drawing *d, const struct region *region, uint64_t start, uint64_t end,
		enum seal_state seal)
{
	struct bar *bar = &d->bar;

	if (region->class == CLASS_NONE)
		return;
	if (!d->region || !same_object(region, d->region) || start - d->end >= GAP_MIN)
		begin_line(d, region, start);
	if (bar->size == 0 || bar->class != region->class || bar->seal != seal) {
		end_bar(d);
		*bar = (struct bar){ .class = region->class, .seal = seal };
	}
	bar->size += end - start;
	d->size += end - start;
	d->end = end;
	d->classes |= 1u << region->class;
	d->seals |= 1u << seal;
}

static void print_legend(const struct drawing *d)
{
	const char *const *fill = d->brushes->fill;
	const char *color = report_color(d->report, "open");
	char line[256];
	size_t used = 0;

	snprintf(line, sizeof(line),
		 "t%s%s sealed  %sT%s%s%s open%s  one longer is four times the size",
		 fill[SEAL_SEALED], fill[SEAL_SEALED], color, fill[SEAL_NONE], fill[SEAL_NONE],
		 *color ? REPORT_NO_COLOR : "",
		 d->seals & (1u << SEAL_UNKNOWN) ? "  T?? not known" : "");
	report_line(d->report, line);
	for (size_t i = 0; i < CLASS_COUNT; i++)
		if (d->classes & (1u << i))
			used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%c=%s",
						 used > 0 ? " " : "", letters[i],
						 region_class_names[i]);
	report_line(d->report, line);
}

void map_draw(struct report *report, const struct regions *regions, const struct plan *plan)
{
	struct drawing d = {
		.report = report, .brushes = text_is_unicode() ? &unicode : &ascii,
		.bars_width = report->room < 80 ? report->room / 3 : BARS_WIDTH,
	};

	for (size_t i = 0; i < (plan ? plan->count : regions->count); i++) {
		const struct plan_item *item = plan ? &plan->items[i] : NULL;
		const struct region *region = plan ? item->region : &regions->items[i];

		if (plan)
			add(&d, region, item->start, item->end, item->seal);
		else
			add(&d, region, region->start, region->end, region->vma->seal);
	}
	if (!d.region)
		return;
	end_line(&d);
	print_legend(&d);
}
