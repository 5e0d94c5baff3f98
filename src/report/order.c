/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "order.h"

#include <stdint.h>
#include <string.h>

#include "number.h"

/* The value of "12", or of the share "3/4"; -1 for any other text. */
static double value_of(const char *text)
{
	uint64_t value, of;
	size_t n = number_scan(text, strlen(text), 10, &value);

	if (n > 0 && text[n] == '\0')
		return (double)value;
	if (n == 0 || text[n] != '/' || number_parse(text + n + 1, 10, UINT64_MAX, &of) < 0)
		return -1;
	return of > 0 ? (double)value / (double)of : 0;
}

int order_cells(const char *x, const char *y, bool reverse)
{
	double p, q;
	int order;

	if (!x || !y)
		return !x - !y;
	p = value_of(x);
	q = value_of(y);
	order = p >= 0 && q >= 0 ? (p > q) - (p < q) : strcmp(x, y);
	return reverse ? -order : order;
}
