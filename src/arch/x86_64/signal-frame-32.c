/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signal-frame.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "frame-parts.h"

struct frame_context {
	uint16_t gs, gs_high, fs, fs_high, es, es_high, ds, ds_high;
	uint32_t di, si, bp, sp, bx, dx, cx, ax, trapno, err, ip;
	uint16_t cs, cs_high;
	uint32_t flags, sp_at_signal;
	uint16_t ss, ss_high;
	uint32_t fpstate, oldmask, cr2;
};

struct frame_head {
	uint32_t return_address;
	int32_t sig;
	uint32_t siginfo_address, ucontext_address;
	unsigned char siginfo[128];
	uint32_t uc_flags, uc_link;
	struct { uint32_t sp; int32_t flags; uint32_t size; } uc_stack;
	struct frame_context context;
	uint32_t mask[2];
	unsigned char retcode[8];
};

/* What FSAVE stores: the x87 registers again; the kernel restores them from here. */
struct frame_fsave {
	uint32_t control, status, tags, ip, cs_opcode, dp, ds;
	unsigned char registers[8][10];
	uint16_t status_again, magic;	/* unused; 0: the FXSAVE area follows */
};

/* The beginning of an FXSAVE area: Intel SDM, volume 1, 10.5.1. */
struct fxsave {
	uint16_t control, status;
	uint8_t tags, reserved;		/* one bit for each register in use */
	uint16_t opcode;
	uint32_t ip, cs, dp, ds;
	uint32_t mxcsr, mxcsr_mask;
	struct { unsigned char bytes[10], padding[6]; } registers[8];
};

_Static_assert(sizeof(struct frame_context) == 88, "struct sigcontext_32");
_Static_assert(sizeof(struct frame_head) == 268, "struct rt_sigframe_ia32");
_Static_assert(sizeof(struct frame_head) <= SIGNAL_FRAME_HEAD, "what is read of it");
_Static_assert(sizeof(struct frame_fsave) == 112, "struct fregs_state");
_Static_assert(sizeof(struct fxsave) == 160, "FXSAVE area up to XMM0");

static struct frame_context context_of(const remote_regs *r, uint64_t fpstate)
{
	return (struct frame_context){
		.gs = (uint16_t)r->gs, .fs = (uint16_t)r->fs,
		.es = (uint16_t)r->es, .ds = (uint16_t)r->ds,
		.di = (uint32_t)r->rdi, .si = (uint32_t)r->rsi, .bp = (uint32_t)r->rbp,
		.sp = (uint32_t)r->rsp, .bx = (uint32_t)r->rbx, .dx = (uint32_t)r->rdx,
		.cx = (uint32_t)r->rcx, .ax = (uint32_t)r->rax, .ip = (uint32_t)r->rip,
		.cs = (uint16_t)r->cs, .ss = (uint16_t)r->ss,
		.flags = (uint32_t)r->eflags, .fpstate = (uint32_t)fpstate,
	};
}

static struct frame_fsave fsave_of(const struct fpu_state *fpu)
{
	struct frame_fsave to = { .tags = 0xffff0000u };
	struct fxsave from;

	memcpy(&from, fpu->bytes, sizeof(from));
	to.control = 0xffff0000u | from.control;
	to.status = 0xffff0000u | from.status;
	to.ip = from.ip;
	to.cs_opcode = (from.cs & 0xffff) | (uint32_t)from.opcode << 16;
	to.dp = from.dp;
	to.ds = from.ds;
	/*
	 * Tags are in the order of the physical registers, contents in that of the register
	 * stack.  Two bits each: 3 is empty; the kernel looks at nothing else.
	 */
	for (unsigned i = 0; i < 8; i++) {
		if (!(from.tags >> i & 1))
			to.tags |= 3u << 2 * i;
		memcpy(to.registers[i], from.registers[i].bytes, sizeof(to.registers[i]));
	}
	return to;
}

int signal_frame_build_32(struct signal_frame *ret, const struct frame_content *content,
			  uint64_t restorer, uint64_t top)
{
	struct frame_head head = { .return_address = (uint32_t)restorer };
	struct frame_fsave fsave;
	struct fpu_layout layout;
	uint64_t xsave;
	int r = fpu_layout(content->fpu, &layout);

	if (r < 0)
		return r;
	if (top < sizeof(ret->bytes) + layout.total)
		return -ENOTSUP;
	xsave = (top - layout.total) & ~(uint64_t)(FPU_ALIGN - 1);
	/* aligned as for the start of a function: arch/x86/kernel/signal.c, get_sigframe() */
	ret->address = ((xsave - sizeof(fsave) - sizeof(head) + 4) & ~(uint64_t)15) - 4;
	ret->len = xsave + layout.total - ret->address;
	if (ret->len > sizeof(ret->bytes))
		return -ENOTSUP;

	fsave = fsave_of(content->fpu);
	head.uc_flags = UC_FP_XSTATE;
	/* with flags that sigaltstack(2) refuses, the alternate stack is kept */
	head.uc_stack.flags = INT32_MAX;
	head.context = context_of(content->regs, xsave - sizeof(fsave));
	memcpy(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK));
	memcpy(head.mask, &content->mask, sizeof(head.mask));
	memset(ret->bytes, 0, ret->len);
	memcpy(ret->bytes, &head, sizeof(head));
	memcpy(ret->bytes + (xsave - sizeof(fsave) - ret->address), &fsave, sizeof(fsave));
	fpu_write(ret->bytes + (xsave - ret->address), content->fpu, &layout, sizeof(fsave));
	return 0;
}

bool signal_frame_read_32(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask)
{
	const struct frame_context *c;
	struct frame_head head;

	memcpy(&head, bytes, sizeof(head));
	if (memcmp(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK)) != 0)
		return false;
	c = &head.context;
	regs->rdi = c->di;
	regs->rsi = c->si;
	regs->rbp = c->bp;
	regs->rbx = c->bx;
	regs->rdx = c->dx;
	regs->rax = c->ax;
	regs->rcx = c->cx;
	regs->rsp = c->sp;
	regs->rip = c->ip;
	regs->eflags = c->flags;
	regs->orig_rax = (unsigned long)-1;
	memcpy(ret_mask, head.mask, sizeof(*ret_mask));
	return true;
}
