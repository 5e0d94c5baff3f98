/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/*
 * A system call keeps the FPSIMD registers and ZA.  It zeroes what SVE has beyond them, and
 * leaves streaming mode: Documentation/arch/arm64/sve.rst and sme.rst.
 */
#include "arch-regs-aarch64.h"

#include "frame.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* include/uapi/linux/elf.h: streaming SVE (5.19), the guarded control stack (6.13) */
#ifndef NT_ARM_SSVE
#define NT_ARM_SSVE 0x40b
#endif
#ifndef NT_ARM_GCS
#define NT_ARM_GCS 0x410
#endif

static int read_set(pid_t tid, long set, void *to, size_t size)
{
	struct iovec iov = { .iov_base = to, .iov_len = size };

	return ptrace(PTRACE_GETREGSET, tid, set, &iov) == 0 ? (int)iov.iov_len : -errno;
}

/*
 * Read the registers of SVE or, if SET is NT_ARM_SSVE, of streaming mode, to TO.  Returns the
 * length; 0 if they are not in use, -ENOTSUP if there are more than TO holds.
 */
static int read_vectors(pid_t tid, long set, unsigned char *to, size_t size)
{
	struct vector_header header;
	int r = read_set(tid, set, to, size);

	/* neither this processor nor this kernel has them */
	if (r < (int)sizeof(header))
		return 0;
	memcpy(&header, to, sizeof(header));
	if (!(header.flags & VECTOR_FLAG_SVE))
		return 0;
	if ((size_t)r < sizeof(header) + vector_size(header.length))
		return -ENOTSUP;
	if (set == NT_ARM_SSVE)
		header.flags |= VECTOR_STREAMING;
	memcpy(to, &header, sizeof(header));
	return r;
}

/* The thread is in one of both modes, and has no registers in the other. */
static int read_either(pid_t tid, unsigned char *to, size_t size)
{
	int r = read_vectors(tid, NT_ARM_SSVE, to, size);

	return r != 0 ? r : read_vectors(tid, NT_ARM_SVE, to, size);
}

int fpu_state_read(pid_t tid, struct fpu_state *ret)
{
	uint64_t control_stack[3];
	int r = read_set(tid, NT_PRFPREG, ret->bytes, sizeof(struct fpsimd_registers));

	if (r != (int)sizeof(struct fpsimd_registers))
		return r == -ESRCH ? r : -ENOTSUP;
	if (read_set(tid, NT_ARM_GCS, control_stack, sizeof(control_stack)) > 0 &&
	    (control_stack[0] & 1))
		return -ENOTSUP;
	ret->len = sizeof(struct fpsimd_registers);
	r = read_either(tid, ret->bytes + ret->len, sizeof(ret->bytes) - ret->len);
	if (r < 0)
		return r;
	ret->len += (size_t)r;
	return 0;
}

static long set_of(const struct vector_header *header)
{
	return header->flags & VECTOR_STREAMING ? NT_ARM_SSVE : NT_ARM_SVE;
}

int vector_state_read(pid_t tid, const remote_regs *regs, struct fpu_state *ret)
{
	int r;

	ret->len = 0;
	if (regs->position == REMOTE_AT_CALL)
		return 0;
	r = read_either(tid, ret->bytes, sizeof(ret->bytes));
	if (r < 0)
		return r;
	ret->len = (size_t)r;
	return 0;
}

int vector_state_of_frame(pid_t tid, const struct memory *m, uint64_t frame,
			  struct fpu_state *ret)
{
	struct vector_header header, now;
	int r = frame_read_vectors(m, frame, ret);

	if (r < 0 || ret->len == 0)
		return r;
	memcpy(&header, ret->bytes, sizeof(header));
	/* a frame lacks the largest length of the thread's vectors, and whether it is inherited */
	r = read_set(tid, set_of(&header), &now, sizeof(now));
	if (r < (int)sizeof(now))
		return r < 0 ? r : -ENOTSUP;
	header.max_size = now.max_size;
	header.max_length = now.max_length;
	header.flags |= now.flags;
	memcpy(ret->bytes, &header, sizeof(header));
	return 0;
}

int vector_state_write(pid_t tid, const struct fpu_state *state)
{
	struct iovec iov = { .iov_len = state->len };
	unsigned char bytes[sizeof(state->bytes)];
	struct vector_header header;
	long set;

	if (state->len == 0)
		return 0;
	memcpy(bytes, state->bytes, state->len);
	memcpy(&header, bytes, sizeof(header));
	set = set_of(&header);
	header.flags &= (uint16_t)~VECTOR_STREAMING;
	memcpy(bytes, &header, sizeof(header));
	iov.iov_base = bytes;
	return ptrace(PTRACE_SETREGSET, tid, set, &iov) == 0 ? 0 : -errno;
}
