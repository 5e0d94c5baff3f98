/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_NUMBER_H
#define MSEALCTL_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read digits of BASE (10 or 16, lower or upper case, no sign, no prefix) from
 * the LEN bytes at S.  Returns how many bytes were digits; 0 if there was none
 * or the value does not fit in 64 bits.
 */
size_t number_scan(const char *s, size_t len, unsigned base, uint64_t *ret);

/*
 * The same, but all of the NUL-terminated S must be the number.
 * Returns 0, -EINVAL, or -ERANGE when it is more than MAX.
 */
int number_parse(const char *s, unsigned base, uint64_t max, uint64_t *ret);

#define NUMBER_HEX_SIZE 19

/* Write VALUE to BUF as 0x and hexadecimal digits.  Returns BUF. */
char *number_hex(char buf[NUMBER_HEX_SIZE], uint64_t value);

#endif
