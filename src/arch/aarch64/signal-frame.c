/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "arch-regs-aarch64.h"

#include "frame.h"

#include <errno.h>
#include <string.h>

#define SVE_MAGIC 0x53564501u
#define SVE_FLAG_STREAMING 1u
#define EXTRA_MAGIC 0x45585401u

/* struct rt_sigframe up to the records */
struct frame_head {
	unsigned char siginfo[128];
	uint64_t uc_flags, uc_link;
	struct { uint64_t sp; int32_t flags; uint32_t pad; uint64_t size; } uc_stack;
	uint64_t mask;
	unsigned char unused[128];
	uint64_t fault_address;
	uint64_t x[31], sp, pc, pstate;
	uint64_t pad;
};

struct sve_record {
	uint32_t magic, size;
	uint16_t length, flags, reserved[2];
};

/* It says that records go on behind the next one, which must be empty. */
struct extra_record {
	uint32_t magic, size;
	uint64_t address;
	uint32_t extra_size, reserved[3];
};

struct end_record {
	uint32_t magic, size;
	uint64_t pad;
};

/* All records, those of SVE only if there are any. */
struct frame_records {
	struct fpsimd_record fpsimd;
	struct extra_record extra;
	struct end_record end;
	struct sve_record sve;
};

_Static_assert(sizeof(struct frame_head) == FRAME_RECORDS_OFFSET, "struct rt_sigframe");
_Static_assert(sizeof(struct frame_head) == SIGNAL_FRAME_HEAD, "what is read of it");
_Static_assert(offsetof(struct frame_head, sp) == FRAME_SP_OFFSET, "struct sigcontext");
_Static_assert(sizeof(struct fpsimd_record) == 528, "struct fpsimd_context");
_Static_assert(sizeof(struct frame_records) == 528 + 32 + 16 + 16, "without padding");

static size_t align(size_t size)
{
	return (size + 15) & ~(size_t)15;
}

/* Of the registers of SVE in FPU, whose header is *RET; 0 if it has none. */
static size_t sve_size(const struct fpu_state *fpu, struct vector_header *ret)
{
	size_t size;

	if (fpu->len < sizeof(struct fpsimd_registers) + sizeof(*ret))
		return 0;
	memcpy(ret, fpu->bytes + sizeof(struct fpsimd_registers), sizeof(*ret));
	size = vector_size(ret->length);
	return fpu->len - sizeof(struct fpsimd_registers) - sizeof(*ret) < size ? 0 : size;
}

static struct fpsimd_record fpsimd_of(const struct fpu_state *fpu)
{
	struct fpsimd_record record = { .magic = FPSIMD_MAGIC, .size = sizeof(record) };
	struct fpsimd_registers from;

	memcpy(&from, fpu->bytes, sizeof(from));
	memcpy(record.v, from.v, sizeof(record.v));
	record.fpsr = from.fpsr;
	record.fpcr = from.fpcr;
	return record;
}

static struct frame_head head_of(const struct frame_content *content)
{
	struct frame_head head = {
		.sp = content->regs->sp, .pc = content->regs->pc,
		.pstate = content->regs->pstate, .mask = content->mask,
		/* with flags that sigaltstack(2) refuses, the alternate stack is kept */
		.uc_stack.flags = INT32_MAX,
	};

	memcpy(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK));
	memcpy(head.x, content->regs->x, sizeof(head.x));
	return head;
}

/* Write the records of FPU, with SIZE bytes of SVE, to TO, whose address is ADDR. */
static void write_records(unsigned char *to, uint64_t addr, const struct fpu_state *fpu,
			  const struct vector_header *vectors, size_t size)
{
	struct frame_records records = { .fpsimd = fpsimd_of(fpu) };

	if (size > 0) {
		records.sve = (struct sve_record){
			.magic = SVE_MAGIC, .size = (uint32_t)align(sizeof(records.sve) + size),
			.length = vectors->length,
			.flags = vectors->flags & VECTOR_STREAMING ? SVE_FLAG_STREAMING : 0,
		};
		records.extra = (struct extra_record){
			.magic = EXTRA_MAGIC, .size = sizeof(records.extra),
			.address = addr + offsetof(struct frame_records, sve),
			.extra_size = records.sve.size + (uint32_t)sizeof(records.end),
		};
		memcpy(to + sizeof(records), fpu->bytes + sizeof(struct fpsimd_registers) +
		       sizeof(*vectors), size);
	}
	memcpy(to, &records, sizeof(records));
}

/* The call returns to RESTORER by a register: remote_regs_set_return(). */
int frame_build(struct signal_frame *ret, const struct frame_content *content,
		uint64_t restorer, uint64_t top)
{
	const struct frame_head head = head_of(content);
	struct vector_header vectors = { .length = 0 };
	size_t size;

	(void)restorer;
	if (content->fpu->len < sizeof(struct fpsimd_registers) ||
	    content->fpu->len > sizeof(content->fpu->bytes) || top < sizeof(ret->bytes))
		return -ENOTSUP;
	size = sve_size(content->fpu, &vectors);
	ret->len = sizeof(head) + align(sizeof(struct frame_records) + size) +
		   sizeof(struct end_record);
	if (ret->len > sizeof(ret->bytes))
		return -ENOTSUP;
	ret->address = (top - ret->len) & ~(uint64_t)15;
	memset(ret->bytes, 0, ret->len);
	memcpy(ret->bytes, &head, sizeof(head));
	write_records(ret->bytes + sizeof(head), ret->address + sizeof(head), content->fpu,
		      &vectors, size);
	return 0;
}

bool frame_read(const unsigned char *bytes, remote_regs *regs, uint64_t *ret_mask)
{
	struct frame_head head;

	memcpy(&head, bytes, sizeof(head));
	if (memcmp(head.siginfo, SIGNAL_FRAME_MARK, sizeof(SIGNAL_FRAME_MARK)) != 0)
		return false;
	memcpy(regs->x, head.x, sizeof(regs->x));
	regs->sp = head.sp;
	regs->pc = head.pc;
	regs->pstate = head.pstate;
	regs->call = -1;
	regs->position = REMOTE_ELSEWHERE;
	regs->has_argument = false;
	*ret_mask = head.mask;
	return true;
}

int frame_read_vectors(const struct memory *m, uint64_t frame, struct fpu_state *ret)
{
	struct vector_header header = { .flags = VECTOR_FLAG_SVE };
	uint64_t addr = frame + sizeof(struct frame_head);
	struct frame_records records;
	size_t size;
	int r = m->read(m, addr, &records, sizeof(records));

	ret->len = 0;
	if (r < 0 || records.extra.magic != EXTRA_MAGIC || records.sve.magic != SVE_MAGIC)
		return r;
	size = vector_size(records.sve.length);
	/* ptrace(2) takes register sets in units of 16 bytes */
	header.size = (uint32_t)align(sizeof(header) + size);
	if (header.size > sizeof(ret->bytes))
		return -ENOTSUP;
	header.length = records.sve.length;
	if (records.sve.flags & SVE_FLAG_STREAMING)
		header.flags |= VECTOR_STREAMING;
	memcpy(ret->bytes, &header, sizeof(header));
	r = m->read(m, addr + sizeof(records), ret->bytes + sizeof(header), size);
	if (r == 0)
		ret->len = header.size;
	return r;
}
