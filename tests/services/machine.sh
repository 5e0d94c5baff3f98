#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# machine.sh FOLDER: boot systemd as the first process of namespaces of its own, and run
# FOLDER/script as a service in there; its output and status are ours.  Needs root, and takes a part of a second.
#
#     FOLDER/units      is /run/systemd/system, with what is added below
#     FOLDER/etc        is added to /etc
#     FOLDER/local      is /usr/local
#
# Nothing in there reaches the files of this machine: its root is a tmpfs that has its
# /usr, read-only.  No unit of this machine is there, so none is started; one that empties
# /tmp would be among them.
set -eu

case ${2-} in
'')
	exec unshare --mount "$0" "$1" outside
	;;
outside)
	# the namespace of cgroups begins at a group of its own
	mount -t cgroup2 cgroups /sys/fs/cgroup
	group=/sys/fs/cgroup/msealctl-test.$$
	mkdir -p "$group" "$1/results" "$1/root"
	: >"$1/results/output"
	: >"$1/results/console"
	status=0
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		# it ends with us
		exec setpriv --pdeathsig KILL unshare --pid --mount --cgroup --uts --ipc --net --fork \
			--kill-child "$0" "$1" inside
	) &
	child=$!
	trap 'kill -KILL "$child"' HUP INT TERM
	wait "$child" || status=$?
	# all of them are about to end
	until find "$group" -depth -type d -exec rmdir {} + 2>/dev/null; do :; done
	cat "$1/results/output"
	exit "$status"
	;;
esac

folder=$1
mount --make-rprivate /
mount -t tmpfs -o mode=755 root "$folder/root"
cd "$folder/root"
mkdir -p usr proc sys dev run tmp var/{tmp,log,lib} etc/systemd/system results root
chmod 1777 tmp var/tmp
for name in bin sbin lib lib64; do
	ln -s "usr/$name" "$name"
done
cp -PR /etc/{passwd,group,nsswitch.conf,ld.so.cache,ld.so.conf,alternatives} etc
cp -R "$folder/etc/." etc
: >etc/machine-id
mount --bind /usr usr
mount -o remount,bind,ro usr
mount --bind "$folder/local" usr/local
mount -o remount,bind,ro usr/local
mount --bind "$folder/results" results
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind /sys sys
mount -o remount,bind,ro sys
mount -t cgroup2 cgroups sys/fs/cgroup
mount -t tmpfs -o mode=755 dev dev
for name in null zero full random urandom tty; do
	: >"dev/$name"
	mount --bind "/dev/$name" "dev/$name"
done
: >dev/console
mount --bind "$folder/results/console" dev/console
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
mkdir dev/shm dev/pts dev/mqueue
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t tmpfs -o mode=755 run run
units=run/systemd/system
mkdir -p "$units" "$units"/{service,target,timer}.d
cp -R "$folder/units/." "$units"
cp "$folder/script" run/script
# the targets that units depend on by default are not there
for name in service target timer; do
	printf '[Unit]\nDefaultDependencies=no\n' >"$units/$name.d/test.conf"
done
cat >"$units/script.service" <<'UNIT'
[Unit]
SuccessAction=exit-force
FailureAction=exit-force

[Service]
Type=exec
ExecStart=/bin/bash /run/script
StandardOutput=file:/results/output
StandardError=inherit
UNIT
printf '[Unit]\nRequires=script.service\n' >"$units/test.target"
mkdir old
pivot_root . old
umount -l /old
rmdir /old
exec env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin container=test \
	SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/systemd/system \
	SYSTEMD_GENERATOR_PATH=/nothing \
	SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=warning \
	/usr/lib/systemd/systemd --system --unit=test.target
