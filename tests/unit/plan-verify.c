/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* From what smaps says after the calls of a plan to its results. */
#include "plan.h"

#include "mseal.h"
#include "page.h"
#include "planned.h"
#include "tap.h"

/* Plan text, rodata, relro; seal with ANSWERS; verify against AFTER. */
static void verify(struct planned *p, const char *before, struct calls *calls, const char *after,
		   unsigned types)
{
	struct world smaps;

	make_plan(p, before, "text,rodata,relro", NULL, NULL, types);
	plan_seal(&p->plan, fake_seal, calls);
	if (world_parse(&smaps, after) < 0)
		abort();
	plan_verify(&p->plan, &smaps.maps);
	plan_note_replaced(&p->plan, &smaps.maps);
	world_close(&smaps);
}

static void test_verify(void)
{
	struct calls c = { .answers = { -ENOMEM, 0, 0, -ENOMEM } };
	struct planned p;

	verify(&p, MAPS, &c, SMAPS(SEALED, UNSEALED, UNSEALED, UNSEALED), SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 failed\n",
	       "only what is read back as sealed is sealed");
	is_str(plan_item_reason(&p.plan.items[1]),
	       "mseal claimed success, but there is no seal", "a false success is named");
	is_str(plan_item_reason(&p.plan.items[2]), mseal_error_reason(-ENOMEM, SEAL_ALL), "so is an error");
	is(p.plan.items[0].seal, SEAL_SEALED, "the state is as read back");
	is(p.plan.items[0].types, SEAL_ALL, "the types too");
	is(plan_count(&p.plan, PLAN_SEALED), 1, "one is counted as sealed");
	is(plan_count(&p.plan, PLAN_FAILED), 2, "two as failed");
	is(plan_count(&p.plan, PLAN_SKIPPED), 0, "none as skipped");
	is(plan_is_explained(&p.plan), false, "one failure is without an error");
	free_plan(&p);
}

static void test_verify_edges(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, MAPS, SEAL_ALL);
	is(plan_count(&p.plan, PLAN_FAILED), 3, "without a word in smaps nothing is sealed");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	verify(&p, MAPS, &c, "", SEAL_ALL);
	is(plan_count(&p.plan, PLAN_FAILED), 3, "nor in a smaps that is empty");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	verify(&p, SMAPS(SEALED, SEALED, "", ""), &c, SMAPS(SEALED, UNSEALED, SEALED, ""), SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 already\n101000-105000 failed\n105000-106000 sealed\n",
	       "what was sealed already is looked at again");
	free_plan(&p);
	c = (struct calls){ .answers = { -EPERM, -EPERM, -EPERM, -EPERM } };
	verify(&p, MAPS, &c, SMAPS(SEALED, "", "", ""), SEAL_ALL);
	is(p.plan.items[0].result, PLAN_SEALED, "sealed is sealed, by any process");
	is(plan_is_explained(&p.plan), true, "each failure has its error");
	free_plan(&p);
}

/* Types that are there in part are not there. */
static void test_verify_types(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, SMAPS("Seals: base prot-pkey\n" SEALED, "Seals: base\n" SEALED,
				   SEALED, ""), SEAL_BASE | SEAL_PROT_PKEY);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 sealed\n",
	       "a missing type is a failure");
	is(p.plan.items[1].types, SEAL_BASE, "the types read back are shown");
	free_plan(&p);
}

/* The kernel splits and merges as it likes: half a seal is none. */
static void test_verify_split(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, ROW_HEAD SEALED
	       "101000-103000 r-xp 1000 8:1 5 /l\n" SEALED
	       "103000-105000 r-xp 3000 8:1 5 /l\n" UNSEALED
	       "105000-105800 r--p 5000 8:1 5 /l\n" SEALED, SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 failed\n",
	       "half a seal is none");
	free_plan(&p);
	c = (struct calls){ .answers = { 0 } };
	verify(&p, MAPS, &c, "100000-106000 r--p 0 8:1 5 /l\n" SEALED, SEAL_ALL);
	is(plan_count(&p.plan, PLAN_SEALED), 3, "one row around all of it will do");
	free_plan(&p);
}

/* What another mapping has is no seal of the one that was planned. */
static void test_verify_replaced(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, MAPS, &c, ROW_HEAD SEALED "101000-103000 r-xp 1000 8:1 5 /l\n" SEALED
	       "103000-105000 r-xp 0 0:0 0\n" SEALED "105000-106000 r--p 5000 8:1 6 /l\n" SEALED,
	       SEAL_ALL);
	is_str(plan_text(&p.plan),
	       "100000-101000 sealed\n101000-105000 failed\n105000-106000 failed\n",
	       "only a mapping of the same file can be sealed");
	is_str(plan_item_reason(&p.plan.items[1]), "another mapping has taken its place",
	       "the reason is named");
	free_plan(&p);
}

static void test_verify_skipped(void)
{
	struct calls c = { .answers = { 0 } };
	struct planned p;

	verify(&p, ROW_HEAD ROW_TEXT "105000-107000 rw-p 5000 8:1 5 /l\n", &c,
	       SMAPS(SEALED, SEALED, UNSEALED, ""), SEAL_ALL);
	is(p.plan.items[2].result, PLAN_SKIPPED, "what was skipped stays skipped");
	is(plan_count(&p.plan, PLAN_SEALED), 2, "the rest is sealed");
	free_plan(&p);
}

int main(void)
{
	if (page_size() != 0x1000) {
		printf("1..0 # SKIP the images are made for pages of 4096 bytes\n");
		return 0;
	}
	test_verify();
	test_verify_edges();
	test_verify_types();
	test_verify_split();
	test_verify_replaced();
	test_verify_skipped();
	return tap_done();
}
