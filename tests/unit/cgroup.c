/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */

/* Cgroups and units from the text of /proc/PID/cgroup, as version 1, 2 and systemd write it. */
#include "cgroup.h"

#include "tap.h"

#define V1 "9:name=systemd:/system.slice/cron.service\n8:pids:/other\n1:cpu,cpuacct:/a:b\n"
#define USER "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope/y.service\n"
#define CONTAINER "0::/system.slice/docker-12.scope/system.slice/nginx.service\n"

static void test_cgroups(void)
{
	static const struct { const char *text, *glob; bool matches; } cases[] = {
		{ "0::/\n", "/", true },
		{ "0::/a/b\n", "/", true },
		{ "0::/a/b\n", "/a/b", true },
		{ "0::/a/b\n", "/a", true },
		{ "0::/a/b\n", "/a/", false },
		{ "0::/ab\n", "/a", false },
		{ "0::/a/b\n", "/b", false },
		{ "0::/a/b\n", "*b", true },
		{ "0::/a/b (deleted)\n", "/a/b", true },
		{ "0::/../x\n", "/../x", true },
		{ V1, "/other", true },
		{ V1, "/a:b", true },
		{ V1, "/a", false },
		{ V1, "/system.slice", true },
		{ "", "*", false },
		{ "\n\n:\n::\n", "/", false },
		{ "0::/a", "/a", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(cgroup_matches(cases[i].text, cases[i].glob) == cases[i].matches,
		   "cgroup %s, case %zu", cases[i].glob, i);
}

static void test_units(void)
{
	static const struct { const char *text, *glob; bool matches; } cases[] = {
		{ V1, "cron.service", true },
		{ V1, "cron", true },
		{ V1, "cro", false },
		{ V1, "system.slice", true },
		{ V1, "system", false },
		{ "3:pids:/system.slice/cron.service\n", "cron.service", false },
		{ "9:name=systemd:/\n0::/system.slice/cron.service\n", "cron", true },
		{ "0::/system.slice/cron.service/sub/sub.service\n", "cron", true },
		{ "0::/system.slice/cron.service/sub/sub.service\n", "sub", false },
		{ "0::/docker/12/system.slice/cron.service\n", "cron", true },
		{ "0::/system.slice/_cpu.service\n", "cpu.service", true },
		{ "0::/.service\n", "*", false },
		{ USER, "user@1000.service", true },
		{ USER, "user-1000.slice", true },
		{ USER, "app-x.scope", true },
		{ USER, "y", false },
		{ CONTAINER, "docker-12.scope", true },
		{ CONTAINER, "nginx", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(cgroup_unit_matches(cases[i].text, cases[i].glob) == cases[i].matches,
		   "unit %s, case %zu", cases[i].glob, i);
}

static void test_innermost(void)
{
	static const struct { const char *text, *unit; } cases[] = {
		{ V1, "cron.service" },
		{ USER, "app-x.scope" },
		{ CONTAINER, "docker-12.scope" },
		{ "0::/user.slice\n", "" },
		{ "0::/\n", "" },
		{ "", "" },
	};
	char buf[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(cgroup_unit(cases[i].text, buf, sizeof(buf)), cases[i].unit,
		       "the innermost unit, case %zu", i);
}

int main(void)
{
	test_cgroups();
	test_units();
	test_innermost();
	return tap_done();
}
