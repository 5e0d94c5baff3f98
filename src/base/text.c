/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "text.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "printable.h"

static bool locale_wanted;

void text_want_locale(void)
{
	locale_wanted = true;
}

void text_set_locale(void)
{
	if (locale_wanted)
		setlocale(LC_CTYPE, "");
	locale_wanted = false;
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f;
}

static size_t put_escape(char *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[c >> 4];
	out[3] = digits[c & 15];
	return 4;
}

size_t text_make_printable(char *out, const char *s)
{
	size_t left = strlen(s), used = 0;
	mbstate_t state = { 0 };

	while (left > 0) {
		size_t n = 1;
		bool printable = is_plain((unsigned char)*s);

		if (!printable) {
			wchar_t wide;

			text_set_locale();
			n = mbrtowc(&wide, s, left, &state);
			printable = n != 0 && n != (size_t)-1 && n != (size_t)-2 &&
				    iswprint((wint_t)wide) && unprintable(s, left) == 0;
			if (!printable) {
				n = 1;
				state = (mbstate_t){ 0 };
			}
		}
		if (printable) {
			memcpy(out + used, s, n);
			used += n;
		} else {
			used += put_escape(out + used, (unsigned char)*s);
		}
		s += n;
		left -= n;
	}
	out[used] = '\0';
	return used;
}

/*
 * Length of the UTF-8 sequence at S, 0 if it is not one: no overlong forms, no
 * surrogates, nothing above U+10FFFF (RFC 3629).
 */
static size_t utf8_length(const unsigned char *s)
{
	static const struct {
		unsigned char first_min, first_max, second_min, second_max, length;
	} forms[] = {
		{ 0x01, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t n = 2;

		if (s[0] < forms[i].first_min || s[0] > forms[i].first_max)
			continue;
		if (forms[i].length == 1)
			return 1;
		if (s[1] < forms[i].second_min || s[1] > forms[i].second_max)
			return 0;
		while (n < forms[i].length && (s[n] & 0xc0) == 0x80)
			n++;
		return n == forms[i].length ? n : 0;
	}
	return 0;
}

/* DEL, or U+0080 to U+009F in UTF-8 */
static bool is_upper_control(const unsigned char *s)
{
	return s[0] == 0x7f || (s[0] == 0xc2 && s[1] <= 0x9f);
}

char *text_make_utf8(const char *s)
{
	char *out = malloc(4 * strlen(s) + 1);
	size_t used = 0;

	while (out && *s) {
		size_t n = utf8_length((const unsigned char *)s);

		if (n > 0 && !is_upper_control((const unsigned char *)s)) {
			memcpy(out + used, s, n);
			used += n;
			s += n;
		} else {
			used += put_escape(out + used, (unsigned char)*s++);
		}
	}
	if (out)
		out[used] = '\0';
	return out;
}

size_t text_width(const char *s)
{
	mbstate_t state = { 0 };
	size_t width = 0, n;
	wchar_t wide;

	while (is_plain((unsigned char)*s)) {
		width++;
		s++;
	}
	if (*s)
		text_set_locale();
	while (*s && (n = mbrtowc(&wide, s, strlen(s), &state)) != 0 && n < (size_t)-2) {
		int columns = wcwidth(wide);

		width += columns > 0 ? (size_t)columns : 0;
		s += n;
	}
	return width;
}

bool text_is_unicode(void)
{
	text_set_locale();
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Bytes of S, up to its end, that the first character takes, with its columns in *WIDTH. */
static size_t next_character(const char *s, size_t *width)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	size_t n = mbrtowc(&wide, s, strlen(s), &state);
	int columns = n < (size_t)-2 ? wcwidth(wide) : 1;

	*width = columns > 0 ? (size_t)columns : 0;
	return n < (size_t)-2 ? n : 1;
}

char *text_cut(const char *s, size_t width, bool keep_end)
{
	const char *mark = text_is_unicode() ? "\u2026" : "..";
	size_t left = text_width(s), room = width - text_width(mark), used, n;
	const char *end = s;
	char *out;

	if (left <= width)
		return strdup(s);
	if (width < text_width(mark))
		return strdup("");
	if (keep_end) {
		for (; left > room; left -= used)
			s += next_character(s, &used);
		return asprintf(&out, "%s%s", mark, s) < 0 ? NULL : out;
	}
	for (left = 0; n = next_character(end, &used), left + used <= room; left += used)
		end += n;
	return asprintf(&out, "%.*s%s", (int)(end - s), s, mark) < 0 ? NULL : out;
}

char *text_size(char *buf, size_t size, uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	uint64_t unit = 1;
	size_t i = 0;

	while (bytes / unit >= 1024) {
		unit *= 1024;
		i++;
	}
	if (bytes % unit == 0 || bytes / unit >= 10)
		snprintf(buf, size, "%" PRIu64 "%c", (bytes + unit / 2) / unit, units[i]);
	else
		snprintf(buf, size, "%.1f%c", (double)bytes / (double)unit, units[i]);
	return buf;
}
