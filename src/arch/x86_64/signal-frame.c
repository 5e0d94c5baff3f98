/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signal-frame.h"

#include <cpuid.h>
#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* "The 128-byte area beyond the location pointed to by %rsp": x86-64 psABI, 3.2.2 */
#define RED_ZONE 128

/* XRSTOR faults on anything less */
#define FPU_ALIGN 64

/* uapi/asm/ucontext.h, uapi/asm/sigcontext.h */
#define UC_FP_XSTATE 1u
#define UC_SIGCONTEXT_SS 2u
#define UC_STRICT_RESTORE_SS 4u
#define FP_XSTATE_MAGIC1 0x46505853u
#define FP_XSTATE_MAGIC2 0x46505845u

/* Software bytes of the FXSAVE area; the tracer's copy has XCR0 there. */
#define SW_BYTES_OFFSET 464
#define XSTATE_BV_OFFSET 512
#define XSAVE_MIN (512 + 64)

/* AMX tile data: not in the signal frames of threads that have not asked for it */
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

struct frame_context {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t di, si, bp, bx, dx, ax, cx, sp, ip, flags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2, fpstate;
	uint64_t reserved[8];
};

struct frame_head {
	uint64_t return_address;
	uint64_t uc_flags, uc_link;
	struct { uint64_t sp; int32_t flags; uint32_t pad; uint64_t size; } uc_stack;
	struct frame_context context;
	uint64_t mask;
	unsigned char siginfo[128];
};

_Static_assert(sizeof(struct sw_bytes) == 48, "struct _fpx_sw_bytes");
_Static_assert(sizeof(struct frame_context) == 256, "struct sigcontext_64");
_Static_assert(sizeof(struct frame_head) == 440, "struct rt_sigframe");

int fpu_state_read(pid_t tid, struct fpu_state *ret)
{
	struct iovec iov = { .iov_base = ret->bytes, .iov_len = sizeof(ret->bytes) };
	uint64_t ssp;
	struct iovec shadow = { .iov_base = &ssp, .iov_len = sizeof(ssp) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_X86_SHSTK, &shadow) == 0)
		return -ENOTSUP;
	if (ptrace(PTRACE_GETREGSET, tid, NT_X86_XSTATE, &iov) != 0)
		return errno == EIO || errno == ENODEV || errno == EINVAL ? -ENOTSUP : -errno;
	/* a larger state would have been cut */
	if (iov.iov_len < XSAVE_MIN || iov.iov_len == sizeof(ret->bytes))
		return -ENOTSUP;
	ret->len = iov.iov_len;
	return 0;
}

/* Bytes of an XSAVE area in standard format with FEATURES: CPUID leaf 0xd. */
static size_t xsave_size(uint64_t features)
{
	size_t size = XSAVE_MIN;

	/* x87 and SSE, bits 0 and 1, lie in the first 512 bytes */
	for (unsigned i = 2; i < 63; i++) {
		unsigned length, offset, ecx, edx;

		if (!(features >> i & 1) ||
		    !__get_cpuid_count(0xd, i, &length, &offset, &ecx, &edx))
			continue;
		if ((size_t)offset + length > size)
			size = (size_t)offset + length;
	}
	return size;
}

/* What the kernel would do with the interrupted call when it goes back to user mode. */
static void settle_restart(remote_regs *regs)
{
	if (!remote_regs_restarts(regs))
		return;
	if ((long)regs->rax == -REMOTE_ERESTART_RESTARTBLOCK) {
		/* rt_sigreturn forgets the restart block */
		regs->rax = (unsigned long)-EINTR;
	} else {
		regs->rax = regs->orig_rax;
		regs->rip -= sizeof(remote_syscall_insn);
	}
}

static struct frame_context context_of(const remote_regs *r, uint64_t fpstate)
{
	return (struct frame_context){
		.r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11,
		.r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
		.di = r->rdi, .si = r->rsi, .bp = r->rbp, .bx = r->rbx,
		.dx = r->rdx, .ax = r->rax, .cx = r->rcx, .sp = r->rsp,
		.ip = r->rip, .flags = r->eflags,
		.cs = (uint16_t)r->cs, .ss = (uint16_t)r->ss,
		.fpstate = fpstate,
	};
}

int signal_frame_build(struct signal_frame *ret, const remote_regs *regs, uint64_t mask,
		       const struct fpu_state *fpu, uint64_t restorer)
{
	struct sw_bytes sw = { .magic1 = FP_XSTATE_MAGIC1 };
	struct frame_head head = { .return_address = restorer, .mask = mask };
	const uint32_t magic2 = FP_XSTATE_MAGIC2;
	remote_regs back = *regs;
	uint64_t fpstate, used;

	if (fpu->len < XSAVE_MIN || fpu->len > sizeof(fpu->bytes))
		return -ENOTSUP;
	memcpy(&sw.xfeatures, fpu->bytes + SW_BYTES_OFFSET, sizeof(sw.xfeatures));
	memcpy(&used, fpu->bytes + XSTATE_BV_OFFSET, sizeof(used));
	if (!(used & XFEATURE_XTILE_DATA))
		sw.xfeatures &= ~XFEATURE_XTILE_DATA;
	sw.xstate_size = (uint32_t)xsave_size(sw.xfeatures);
	sw.extended_size = sw.xstate_size + (uint32_t)sizeof(magic2);
	if (sw.xstate_size > fpu->len || regs->rsp < sizeof(ret->bytes) + RED_ZONE)
		return -ENOTSUP;

	fpstate = (regs->rsp - RED_ZONE - sw.extended_size) & ~(uint64_t)(FPU_ALIGN - 1);
	/* a function is entered with the stack pointer 8 off a multiple of 16 */
	ret->address = ((fpstate - sizeof(head)) & ~(uint64_t)15) - 8;
	ret->len = fpstate + sw.extended_size - ret->address;
	if (ret->len > sizeof(ret->bytes))
		return -ENOTSUP;

	settle_restart(&back);
	head.uc_flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	/* flags that sigaltstack(2) does not take: the alternate stack stays as it is */
	head.uc_stack.flags = INT32_MAX;
	head.context = context_of(&back, fpstate);
	memset(ret->bytes, 0, ret->len);
	memcpy(ret->bytes, &head, sizeof(head));
	memcpy(ret->bytes + (fpstate - ret->address), fpu->bytes, sw.xstate_size);
	memcpy(ret->bytes + (fpstate - ret->address) + SW_BYTES_OFFSET, &sw, sizeof(sw));
	memcpy(ret->bytes + (fpstate - ret->address) + sw.xstate_size, &magic2, sizeof(magic2));
	return 0;
}

size_t restorer_prefix(const unsigned char *sequence, size_t before)
{
	static const unsigned char mov_rax[] = { 0x48, 0xc7, 0xc0 };
	static const unsigned char mov_eax[] = { 0xb8 };

	if (before >= sizeof(mov_rax) &&
	    memcmp(sequence - sizeof(mov_rax), mov_rax, sizeof(mov_rax)) == 0)
		return sizeof(mov_rax);
	if (before >= sizeof(mov_eax) &&
	    memcmp(sequence - sizeof(mov_eax), mov_eax, sizeof(mov_eax)) == 0)
		return sizeof(mov_eax);
	return 0;
}
