/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-riscv64.h"

#include "frame-riscv64.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

/* include/uapi/linux/elf.h; the second since Linux 7.0 */
#ifndef NT_RISCV_VECTOR
#define NT_RISCV_VECTOR 0x901
#endif
#define NT_RISCV_USER_CFI 0x903

/* uapi/asm/sigcontext.h */
#define RISCV_V_MAGIC 0x53465457u

/* Index of vlenb, the bytes of one register, in the head of that set. */
#define VECTOR_LENGTH 4

/* struct __riscv_ctx_hdr */
struct extension {
	uint32_t magic, size;
};

/*
 * struct rt_sigframe of arch/riscv/kernel/signal.c up to its registers, and what follows
 * these: the FPU's registers with room for wider ones, then extensions, of which the last
 * is all zero.
 */
struct frame_head {
	unsigned char siginfo[128];
	uint64_t uc_flags, uc_link;
	struct { uint64_t sp; int32_t flags; uint32_t pad; uint64_t size; } uc_stack;
	uint64_t mask;
	unsigned char reserved[120];
	uint64_t pad;
	struct riscv_regs regs;
	unsigned char fp[516];
	uint32_t zero;
};

/* What follows the header of the vector extension: struct __sc_riscv_v_state. */
struct vector_head {
	uint64_t state[VECTOR_HEAD / sizeof(uint64_t)];	/* as in the register set */
	uint64_t data;					/* where the registers are */
};

_Static_assert(offsetof(struct frame_head, regs) == 304, "struct sigcontext");
_Static_assert(sizeof(struct frame_head) == 304 + 256 + 520, "struct __riscv_extra_ext_header");
_Static_assert(SIGNAL_FRAME_HEAD == offsetof(struct frame_head, fp), "what is read of it");

/* Read register set TYPE to BYTES.  Returns its length, 0 if the thread has none, or -errno. */
static ssize_t read_set(pid_t tid, int type, void *bytes, size_t size)
{
	struct iovec iov = { .iov_base = bytes, .iov_len = size };

	if (ptrace(PTRACE_GETREGSET, tid, type, &iov) == 0)
		return (ssize_t)iov.iov_len;
	/* EINVAL, later ENODATA: it has never used vectors; or the kernel knows none */
	return errno == EIO || errno == ENODEV || errno == EINVAL || errno == ENODATA ? 0 : -errno;
}

/*
 * Read the vector registers to SIZE BYTES.  Returns their length, 0 if it has none, or -errno.
 * ptrace(2) says it has read SIZE in any case; how long one is, is in the head (vlenb).
 */
static ssize_t read_vector(pid_t tid, void *bytes, size_t size)
{
	uint64_t head[VECTOR_HEAD / sizeof(uint64_t)];
	ssize_t n = read_set(tid, NT_RISCV_VECTOR, bytes, size);

	if (n <= 0)
		return n;
	memcpy(head, bytes, sizeof(head));
	if (head[VECTOR_LENGTH] == 0 || head[VECTOR_LENGTH] > (size - sizeof(head)) / 32)
		return -ENOTSUP;
	return (ssize_t)(sizeof(head) + 32 * head[VECTOR_LENGTH]);
}

int fpu_state_read(pid_t tid, struct fpu_state *ret)
{
	uint64_t cfi[2] = { 0 };
	ssize_t n;

	/* rt_sigreturn would need more than the frame: a token on a shadow stack */
	n = read_set(tid, NT_RISCV_USER_CFI, cfi, sizeof(cfi));
	if (n < 0)
		return (int)n;
	if (cfi[0] != 0 || cfi[1] != 0)
		return -ENOTSUP;
	n = read_set(tid, NT_PRFPREG, ret->bytes, FP_SIZE);
	if (n < 0)
		return (int)n;
	n = read_vector(tid, ret->bytes + FP_SIZE, sizeof(ret->bytes) - FP_SIZE);
	ret->len = FP_SIZE + (n > 0 ? (size_t)n : 0);
	return n < 0 ? (int)n : 0;
}

/* do_trap_ecall_u(), arch/riscv/kernel/traps.c, overwrites them in any call. */
int vector_state_read(pid_t tid, const remote_regs *regs, struct fpu_state *ret)
{
	ssize_t n = regs->position == REMOTE_ELSEWHERE ?
		    read_vector(tid, ret->bytes, sizeof(ret->bytes)) : 0;

	ret->len = n > 0 ? (size_t)n : 0;
	return n < 0 ? (int)n : 0;
}

int vector_state_write(pid_t tid, const struct fpu_state *state)
{
	struct iovec iov = { .iov_base = (void *)state->bytes, .iov_len = state->len };

	if (state->len == 0 || ptrace(PTRACE_SETREGSET, tid, NT_RISCV_VECTOR, &iov) == 0)
		return 0;
	return -errno;
}

/* Append the extension for the LEN bytes of VECTOR at AT in FRAME. */
static void append_vector(struct signal_frame *frame, size_t at, const unsigned char *vector,
			  size_t len)
{
	struct vector_head head;
	size_t data = at + sizeof(struct extension) + sizeof(head);
	const struct extension extension = {
		RISCV_V_MAGIC, (uint32_t)(data - at + len - VECTOR_HEAD),
	};

	memcpy(head.state, vector, VECTOR_HEAD);
	head.data = frame->address + data;
	memcpy(frame->bytes + at, &extension, sizeof(extension));
	memcpy(frame->bytes + at + sizeof(extension), &head, sizeof(head));
	memcpy(frame->bytes + data, vector + VECTOR_HEAD, len - VECTOR_HEAD);
}

int frame_build(struct signal_frame *ret, const struct frame_content *content,
		uint64_t restorer, uint64_t top)
{
	struct frame_head head = { .mask = content->mask, .regs = content->regs->x };
	const struct fpu_state *fpu = content->fpu;
	size_t vector, len = sizeof(head) + sizeof(struct extension);

	(void)restorer;
	if (fpu->len < FP_SIZE || fpu->len > sizeof(fpu->bytes))
		return -ENOTSUP;
	vector = fpu->len - FP_SIZE;
	if (vector > VECTOR_HEAD)
		len += sizeof(struct extension) + sizeof(struct vector_head) + vector - VECTOR_HEAD;
	if (len > sizeof(ret->bytes) || top < sizeof(ret->bytes))
		return -ENOTSUP;
	ret->address = (top - len) & ~(uint64_t)15;
	ret->len = len;
	/* with flags that sigaltstack(2) refuses, the alternate stack is kept */
	head.uc_stack.flags = INT32_MAX;
	memcpy(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK));
	memcpy(head.fp, fpu->bytes, FP_SIZE);
	memset(ret->bytes, 0, len);
	memcpy(ret->bytes, &head, sizeof(head));
	if (vector > VECTOR_HEAD)
		append_vector(ret, sizeof(head), fpu->bytes + FP_SIZE, vector);
	return 0;
}

bool frame_read(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask)
{
	if (memcmp(bytes, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK)) != 0)
		return false;
	*regs = (remote_regs){ 0 };
	memcpy(&regs->x, bytes + offsetof(struct frame_head, regs), sizeof(regs->x));
	memcpy(ret_mask, bytes + offsetof(struct frame_head, mask), sizeof(*ret_mask));
	return true;
}

int vector_state_of_frame(pid_t tid, const struct memory *m, uint64_t frame,
			  struct fpu_state *ret)
{
	struct { struct extension extension; struct vector_head head; } vector;
	uint64_t length;
	int r = m->read(m, frame + sizeof(struct frame_head), &vector, sizeof(vector));

	(void)tid;
	ret->len = 0;
	if (r < 0 || vector.extension.magic != RISCV_V_MAGIC)
		return r;
	length = vector.head.state[VECTOR_LENGTH];
	if (length > (sizeof(ret->bytes) - VECTOR_HEAD) / 32)
		return -ENOTSUP;
	memcpy(ret->bytes, vector.head.state, VECTOR_HEAD);
	r = m->read(m, vector.head.data, ret->bytes + VECTOR_HEAD, 32 * length);
	if (r == 0)
		ret->len = VECTOR_HEAD + 32 * length;
	return r;
}
