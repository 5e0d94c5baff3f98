/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "signal-frame.h"

#include <errno.h>
#include <string.h>

#include "frame-parts.h"

/* uapi/asm/ucontext.h */
#define UC_SIGCONTEXT_SS 2u
#define UC_STRICT_RESTORE_SS 4u

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

_Static_assert(sizeof(struct frame_context) == 256, "struct sigcontext_64");
_Static_assert(sizeof(struct frame_head) == 440, "struct rt_sigframe");
_Static_assert(sizeof(struct frame_head) <= SIGNAL_FRAME_HEAD, "what is read of it");

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

int signal_frame_build_64(struct signal_frame *ret, const struct frame_content *content,
			  uint64_t restorer, uint64_t top)
{
	struct frame_head head = { .return_address = restorer, .mask = content->mask };
	struct fpu_layout layout;
	uint64_t fpstate;
	int r = fpu_layout(content->fpu, &layout);

	if (r < 0)
		return r;
	if (top < sizeof(ret->bytes) + layout.total)
		return -ENOTSUP;
	fpstate = (top - layout.total) & ~(uint64_t)(FPU_ALIGN - 1);
	/* at the start of a function the stack pointer is 8 below a multiple of 16 */
	ret->address = ((fpstate - sizeof(head)) & ~(uint64_t)15) - 8;
	ret->len = fpstate + layout.total - ret->address;
	if (ret->len > sizeof(ret->bytes))
		return -ENOTSUP;

	head.uc_flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	/* with flags that sigaltstack(2) refuses, the alternate stack is kept */
	head.uc_stack.flags = INT32_MAX;
	head.context = context_of(content->regs, fpstate);
	memcpy(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK));
	memset(ret->bytes, 0, ret->len);
	memcpy(ret->bytes, &head, sizeof(head));
	fpu_write(ret->bytes + (fpstate - ret->address), content->fpu, &layout, 0);
	return 0;
}

bool signal_frame_read_64(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask)
{
	const struct frame_context *c;
	struct frame_head head;

	memcpy(&head, bytes, sizeof(head));
	if (memcmp(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK)) != 0)
		return false;
	c = &head.context;
	regs->r8 = c->r8;
	regs->r9 = c->r9;
	regs->r10 = c->r10;
	regs->r11 = c->r11;
	regs->r12 = c->r12;
	regs->r13 = c->r13;
	regs->r14 = c->r14;
	regs->r15 = c->r15;
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
	*ret_mask = head.mask;
	return true;
}
