#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# install.sh PACKAGE: installs linux-image-*.deb, of package.sh or Debian's own, in a small
# Debian 12 that debootstrap makes, and boots that in QEMU with the initrd that it has got
# from the installation, to msealctl.  Prints TAP.  For root; takes some minutes.
set -euo pipefail

source=${TOP_SRCDIR:?}
build=${TOP_BUILDDIR:?}
package=$(realpath "${1:?PACKAGE is missing}")
((EUID == 0)) || {
	echo "1..0 # SKIP installing a kernel needs root"
	exit 77
}
work=$(mktemp -d /var/tmp/msealctl-install.XXXXXX)
root=$work/root
trap 'rm -rf "$work"' EXIT
# shellcheck source=src/kernel/ending.bash
source "$source/src/kernel/ending.bash"

# Debian, msealctl, and the package, with what it depends on; no services are started.
make_root() {
	debootstrap --variant=minbase \
		--include=initramfs-tools,kmod,libcap2,libpopt0,libsmartcols1,linux-base,udev \
		bookworm "$root" &&
		make -s -C "$build" install DESTDIR="$root" &&
		cp "$package" "$root/kernel.deb" &&
		chroot "$root" dpkg --install /kernel.deb &&
		rm "$root/kernel.deb"
}

# What is to run in there as the first process.
make_test() {
	cat >"$root/test" <<-'END'
		#!/bin/bash
		PATH=/usr/local/bin:/usr/bin:/usr/sbin
		mount -t proc proc /proc
		uname -r
		msealctl probe --raw --noheadings
		msealctl exec -- /bin/true && echo sealed
		# its size is always 0
		grep -q . /proc/modules && echo modules
		echo o >/proc/sysrq-trigger
		sleep 60
	END
	chmod 755 "$root/test"
}

boot() {
	timeout --foreground 600 qemu-system-x86_64 -accel tcg -cpu max -machine pc -m 1024M \
		-nodefaults -no-user-config -no-reboot -display none -serial stdio \
		-drive "file=$work/disk,format=raw,if=virtio" \
		-kernel "$root"/boot/vmlinuz-* -initrd "$root"/boot/initrd.img-* -append \
		"console=ttyS0 root=/dev/vda rw quiet panic=-1 norandmaps init=/test"
}

tests=0 failures=0
# result TITLE COMMAND...: whether it succeeds; what it said if not
result() {
	tests=$((tests + 1))
	if await "${@:2}" >"$work/said" 2>&1; then
		printf 'ok %d - %s\n' "$tests" "$1"
	else
		failures=$((failures + 1))
		sed 's/^/# /' "$work/said"
		printf 'not ok %d - %s\n' "$tests" "$1"
	fi
}

echo 1..7
result "it can be installed" make_root
make_test
result "that has made an initrd" compgen -G "$root/boot/initrd.img-*"
result "a disk can be made of that" mke2fs -q -t ext4 -d "$root" "$work/disk" 2G
result "it boots" boot
cp "$work/said" "$work/output"
result "the kernel has mseal" grep -a '^mseal yes' "$work/output"
result "msealctl seals a program" grep -a '^sealed' "$work/output"
result "the initrd has loaded modules" grep -a '^modules' "$work/output"
sed 's/^/# /' "$work/output"
((failures == 0))
