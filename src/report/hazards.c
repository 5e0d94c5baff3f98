/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#include "hazards.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "mseal.h"
#include "path.h"
#include "process.h"

#define BIT(hazard) (1u << (hazard))

const struct hazard_info hazards[HAZARD_COUNT] = {
	[HAZARD_WRITABLE_CODE] = { "writable-code",
		"it can be written to and executed, sealed or not" },
	[HAZARD_JIT] = { "jit",
		"code made at run time: once sealed, it can be neither replaced nor freed" },
	[HAZARD_EXEC_STACK] = { "exec-stack", "what is written to the stack can be executed" },
	[HAZARD_TEXT_RELOCATIONS] = { "text-relocations",
		"its code is changed when it is loaded: sealed before that, it cannot start" },
	[HAZARD_NO_RELRO] = { "no-relro",
		"all its function pointers stay writable: link it with -z relro -z now" },
	[HAZARD_PARTIAL_RELRO] = { "partial-relro",
		"function pointers of lazy binding stay writable: link it with -z now" },
	[HAZARD_REPLACEABLE] = { "replaceable",
		"the process can put other contents there, sealed or not: userfaultfd(2)" },
	[HAZARD_DLOPENED] = { "dlopened",
		"sealed, it stays in memory when it is closed: --exclude=dlopened" },
	[HAZARD_THREAD_STACK] = { "thread-stack",
		"sealed, it cannot be freed, and glibc may end the program" },
	[HAZARD_RING] = { "ring", "sealed, it stays mapped when the program is done with it" },
	[HAZARD_SHARED] = { "shared",
		"another process has the same memory, and will have the same seals" },
	[HAZARD_MAP_COUNT] = { "map-count",
		"sealing splits mappings, and vm.max_map_count is near: mseal(2) may fail" },
};

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

struct thread_walk {
	struct hazard_facts *facts;
	pid_t pid;
	size_t capacity;
};

/* A thread that waits has its stack pointer in /proc; of one that runs it is not known. */
static int note_thread(void *context, pid_t tid)
{
	struct thread_walk *walk = context;
	struct hazard_facts *facts = walk->facts;
	struct process_call call;

	if (tid == walk->pid)
		return 0;
	if (process_find_call(walk->pid, tid, &call) < 0) {
		facts->stacks_known = false;
		return 0;
	}
	if (facts->stack_count == walk->capacity) {
		size_t capacity = 2 * walk->capacity + 64;
		void *grown = reallocarray(facts->stack_pointers, capacity, sizeof(uint64_t));

		if (!grown)
			return -ENOMEM;
		facts->stack_pointers = grown;
		walk->capacity = capacity;
	}
	facts->stack_pointers[facts->stack_count++] = call.sp;
	return 0;
}

void hazard_facts_read(struct hazard_facts *ret, pid_t pid)
{
	struct thread_walk walk = { .facts = ret, .pid = pid };

	*ret = (struct hazard_facts){ .stacks_known = true };
	shmem_devices_read(&ret->devices, pid);
	if (process_each_thread(pid, note_thread, &walk) < 0)
		ret->stacks_known = false;
	if (ret->stack_count > 0)
		qsort(ret->stack_pointers, ret->stack_count, sizeof(uint64_t), compare_addresses);
}

void hazard_facts_free(struct hazard_facts *facts)
{
	shmem_devices_free(&facts->devices);
	free(facts->stack_pointers);
	*facts = (struct hazard_facts){ 0 };
}

/* Is there a stack pointer in [START, END)? */
static bool has_stack(const struct hazard_facts *facts, uint64_t start, uint64_t end)
{
	size_t low = 0, high = facts->stack_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->stack_pointers[middle] < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->stack_count && facts->stack_pointers[low] < end;
}

static bool is_ring(const struct vma *vma)
{
	return strncmp(vma->name, "/[aio]", 6) == 0 ||
	       strncmp(vma->name, "anon_inode:[io_uring]", 21) == 0;
}

static unsigned outside_objects(const struct hazard_facts *facts, const struct region *region,
				unsigned *unknown)
{
	unsigned found = is_ring(region->vma) ? BIT(HAZARD_RING) : 0;
	bool is_code = region->vma->perms & VMA_EXEC;

	if (region->class == CLASS_STACK)
		return found | (is_code ? BIT(HAZARD_EXEC_STACK) : 0);
	if (is_code && region->class != CLASS_VDSO)
		found |= BIT(HAZARD_JIT);
	if (region->class != CLASS_ANON || !(region->vma->perms & VMA_WRITE))
		return found;
	if (has_stack(facts, region->start, region->end))
		found |= BIT(HAZARD_THREAD_STACK);
	else if (!facts->stacks_known)
		*unknown |= BIT(HAZARD_THREAD_STACK);
	return found;
}

/*
 * The hazards of the object around REGION: those in REGION itself or, if OF_OBJECT, in any of
 * its regions.
 */
static unsigned in_object(const struct region *region, bool of_object, unsigned *unknown)
{
	const struct image *image = region->image;
	bool is_text = of_object || region->class == CLASS_TEXT;
	bool is_relro = of_object || region->class == CLASS_RELRO;
	bool is_data = of_object || region->class == CLASS_DATA;
	bool has_relro = image->relro_end > image->relro_start;
	bool known = image->traits & DYNAMIC_READ;
	unsigned found = 0;

	if (image->dlopened == DLOPENED_YES)
		found |= BIT(HAZARD_DLOPENED);
	else if (image->dlopened == DLOPENED_UNKNOWN)
		*unknown |= BIT(HAZARD_DLOPENED);
	if (is_text && ((image->traits & DYNAMIC_TEXTREL) || region->blocker == BLOCKER_RELOCATING))
		found |= BIT(HAZARD_TEXT_RELOCATIONS);
	else if (is_text && !known)
		*unknown |= BIT(HAZARD_TEXT_RELOCATIONS);
	if (is_data && image_lacks_relro(image))
		found |= BIT(HAZARD_NO_RELRO);
	if (is_relro && has_relro && !known)
		*unknown |= BIT(HAZARD_PARTIAL_RELRO);
	else if (is_relro && has_relro && (image->traits & DYNAMIC_PLT) &&
		 !(image->traits & DYNAMIC_BIND_NOW))
		found |= BIT(HAZARD_PARTIAL_RELRO);
	return found;
}

unsigned hazards_of(const struct hazard_facts *facts, const struct region *region,
		    bool of_object, unsigned *ret_unknown)
{
	const struct vma *vma = region->vma;
	unsigned found, unknown = 0;
	enum shmem shmem;

	if (region->image)
		found = in_object(region, of_object, &unknown);
	else
		found = outside_objects(facts, region, &unknown);
	if ((vma->perms & VMA_WRITE) && (vma->perms & VMA_EXEC))
		found |= BIT(HAZARD_WRITABLE_CODE);
	/*
	 * What may not be written can still be discarded, madvise(2), and where the file is in
	 * shared memory userfaultfd(2) lets the process fill the hole as it likes; but not if
	 * it is sealed by a kernel with types of seals.
	 */
	if ((vma->perms & VMA_WRITE) || (vma->typed && (vma->types & SEAL_BASE)))
		shmem = SHMEM_NO;
	else
		shmem = shmem_of(&facts->devices, vma);
	if (shmem == SHMEM_YES)
		found |= BIT(HAZARD_REPLACEABLE);
	else if (shmem == SHMEM_UNKNOWN)
		unknown |= BIT(HAZARD_REPLACEABLE);
	*ret_unknown = unknown;
	return found;
}

struct tally {
	const struct region *first;
	const struct image *image;	/* of the last one */
	size_t count;			/* of objects, and of regions outside objects */
};

static void count_hazards(struct tally tallies[HAZARD_COUNT], unsigned bits,
			  const struct region *region)
{
	for (size_t i = 0; i < HAZARD_COUNT; i++) {
		struct tally *tally = &tallies[i];

		if (!(bits & BIT(i)) || (region->image && region->image == tally->image))
			continue;
		if (tally->count++ == 0)
			tally->first = region;
		tally->image = region->image;
	}
}

/* "  NAME: OBJECT and 3 more", and what that means; or that it is not known. */
static void print_hazard(struct report *report, enum hazard hazard, const struct tally *tally,
			 bool known)
{
	const char *path = tally->first ? region_object(tally->first) : "";
	const char *object = path[0] || !tally->first ? path_base(path) :
			     region_class_names[tally->first->class];
	char more[32] = "";

	if (tally->count > 1)
		snprintf(more, sizeof(more), " and %zu more", tally->count - 1);
	report_text(report, "  %s%s%s%s%s", hazards[hazard].name, *object ? ": " : "", object, more,
		    known ? "" : ": not known");
	if (known)
		report_text(report, "    %s", hazards[hazard].consequence);
}

const char *hazards_list(unsigned found, unsigned unknown, char *buf, size_t size)
{
	size_t used = 0;

	if (!found)
		return strcpy(buf, unknown ? "" : "none");
	for (size_t i = 0; i < HAZARD_COUNT && used < size; i++)
		if (found & BIT(i))
			used += (size_t)snprintf(buf + used, size - used, "%s%s",
						 used > 0 ? "," : "", hazards[i].name);
	return buf;
}

void hazards_print(struct report *report, pid_t pid, const struct plan *plan,
		   unsigned of_process)
{
	struct tally found[HAZARD_COUNT] = { 0 }, unknown[HAZARD_COUNT] = { 0 };
	struct hazard_facts facts;

	hazard_facts_read(&facts, pid);
	for (size_t i = 0; i < plan->count; i++) {
		const struct region *region = plan->items[i].region;
		/* the C library and the loader have it in all processes; nobody links them anew */
		bool theirs = region->image && !region->image->is_exe;
		unsigned maybe, left_out = theirs ? BIT(HAZARD_PARTIAL_RELRO) : 0;

		count_hazards(found, hazards_of(&facts, region, true, &maybe) & ~left_out, region);
		count_hazards(unknown, maybe & ~left_out, region);
	}
	hazard_facts_free(&facts);
	for (size_t i = 0; i < HAZARD_COUNT; i++) {
		if (found[i].count > 0 || (of_process & BIT(i)))
			print_hazard(report, i, &found[i], true);
		if (unknown[i].count > 0)
			print_hazard(report, i, &unknown[i], false);
	}
}

bool hazard_map_count(const struct plan *plan, size_t mappings)
{
	cleanup_fd int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	size_t limit;

	/* at once: it has no second part */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	limit = strtoul(text, NULL, 10);
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_item *item = &plan->items[i];

		if (item->result != PLAN_WOULD_SEAL)
			continue;
		mappings += item->start > item->region->vma->start;
		mappings += item->end < item->region->vma->end;
	}
	/* the program makes some itself meanwhile */
	return mappings >= limit - limit / 32;
}
