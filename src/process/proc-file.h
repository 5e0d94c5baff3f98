/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The msealctl developers */
#ifndef MSEALCTL_PROC_FILE_H
#define MSEALCTL_PROC_FILE_H

#include <sys/types.h>

/*
 * Files in the folder of a process in /proc.  Those of a process that is executing a program
 * may not be readable for long, or ever, so the worker reads them: -ETIMEDOUT then.
 */

/*
 * Open /proc/PID/task/TID/FILE read-only and close-on-exec.  A descriptor, or -errno: -ESRCH
 * if there is no such thread (any more), -ENOENT if the kernel lacks the file.  Not for what
 * may wait, see above, but in the worker.
 */
int process_open(pid_t pid, pid_t tid, const char *file);

/*
 * Read the whole file, or as much of it as RET holds, as a string; of a process (TID is PID)
 * at most PATH_MAX - 1 bytes, but for "cgroup", "schedstat", "statm" and "status".  Returns 0
 * or -errno, as above.
 */
int process_read_file(pid_t pid, pid_t tid, const char *file, char *ret, size_t size);

/* Read the small file FD, as much of it as RET holds, as a string.  0 or -errno. */
int proc_file_read_small(int fd, char *ret, size_t size);

/* Where the link /proc/PID/NAME, such as "exe" or "fd/0", leads to: readlink(2).  0 or -errno. */
int process_read_link(pid_t pid, const char *name, char *ret, size_t size);

#endif
