/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "frame-parts.h"

#include <cpuid.h>
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* uapi/asm/sigcontext.h */
#define FP_XSTATE_MAGIC1 0x46505853u
#define FP_XSTATE_MAGIC2 0x46505845u

/* Bytes of the FXSAVE area for software; in NT_X86_XSTATE they hold XCR0. */
#define SW_BYTES_OFFSET 464
#define XSTATE_BV_OFFSET 512
#define XSAVE_MIN (512 + 64)

/* AMX tile data; threads that do not use it have none in their signal frames */
#define XFEATURE_XTILE_DATA (1ull << 18)

/* include/uapi/linux/elf.h, since Linux 6.6 */
#ifndef NT_X86_SHSTK
#define NT_X86_SHSTK 0x204
#endif

struct sw_bytes {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size;
	uint32_t padding[7];
};

_Static_assert(sizeof(struct sw_bytes) == 48, "struct _fpx_sw_bytes");

int fpu_state_read(pid_t tid, struct fpu_state *ret)
{
	struct iovec iov = { .iov_base = ret->bytes, .iov_len = sizeof(ret->bytes) };
	uint64_t ssp;
	struct iovec shadow = { .iov_base = &ssp, .iov_len = sizeof(ssp) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_X86_SHSTK, &shadow) == 0)
		return -ENOTSUP;
	if (ptrace(PTRACE_GETREGSET, tid, NT_X86_XSTATE, &iov) != 0)
		return errno == EIO || errno == ENODEV || errno == EINVAL ? -ENOTSUP : -errno;
	/* if it fills the buffer, it may have been cut */
	if (iov.iov_len < XSAVE_MIN || iov.iov_len == sizeof(ret->bytes))
		return -ENOTSUP;
	ret->len = iov.iov_len;
	return 0;
}

/*
 * Bytes of an XSAVE area in standard format with FEATURES, as the kernel computes them: up to
 * the end of the last one (xstate_calculate_size(), arch/x86/kernel/fpu/xstate.c).  A virtual
 * machine takes microseconds for each CPUID, here of leaf 0xd.
 */
static size_t xsave_size(uint64_t features)
{
	unsigned length, offset, ecx, edx;

	/* x87 and SSE, bits 0 and 1, lie in the first 512 bytes */
	if (features >> 2 == 0)
		return XSAVE_MIN;
	__cpuid_count(0xd, 63 - __builtin_clzll(features), length, offset, ecx, edx);
	return offset + length > XSAVE_MIN ? (size_t)offset + length : XSAVE_MIN;
}

int fpu_layout(const struct fpu_state *fpu, struct fpu_layout *ret)
{
	uint64_t features, used;

	if (fpu->len < XSAVE_MIN || fpu->len > sizeof(fpu->bytes))
		return -ENOTSUP;
	memcpy(&features, fpu->bytes + SW_BYTES_OFFSET, sizeof(features));
	memcpy(&used, fpu->bytes + XSTATE_BV_OFFSET, sizeof(used));
	if (!(used & XFEATURE_XTILE_DATA))
		features &= ~XFEATURE_XTILE_DATA;
	ret->features = features;
	ret->size = xsave_size(features);
	ret->total = ret->size + sizeof(uint32_t);
	return ret->size > fpu->len ? -ENOTSUP : 0;
}

void fpu_write(unsigned char *to, const struct fpu_state *fpu, const struct fpu_layout *layout,
	       size_t before)
{
	const struct sw_bytes sw = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = (uint32_t)(before + layout->total),
		.xfeatures = layout->features,
		.xstate_size = (uint32_t)layout->size,
	};
	const uint32_t magic2 = FP_XSTATE_MAGIC2;

	memcpy(to, fpu->bytes, layout->size);
	memcpy(to + SW_BYTES_OFFSET, &sw, sizeof(sw));
	memcpy(to + layout->size, &magic2, sizeof(magic2));
}

/* The kernel keeps them. */
int vector_state_read(pid_t tid, const remote_regs *regs, struct fpu_state *ret)
{
	(void)tid;
	(void)regs;
	ret->len = 0;
	return 0;
}

int vector_state_of_frame(pid_t tid, const struct memory *m, uint64_t frame,
			  struct fpu_state *ret)
{
	(void)tid;
	(void)m;
	(void)frame;
	ret->len = 0;
	return 0;
}

int vector_state_write(pid_t tid, const struct fpu_state *state)
{
	(void)tid;
	(void)state;
	return 0;
}
