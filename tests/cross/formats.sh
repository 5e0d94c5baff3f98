#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# formats.sh QEMU PROGRAM ARGUMENT...: in a user and mount namespace of its own, let the
# kernel start QEMU for programs of PROGRAM's machine, and become PROGRAM.
set -euo pipefail

folder=/proc/sys/fs/binfmt_misc
# the ELF identification, without the ABI, and the machine
mask='\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff'
magic=$(od -An -v -tx1 -N 20 "$2" | tr -d '\n' | sed 's/ /\\x/g')

mount -t binfmt_misc binfmt_misc "$folder"
# P: with the first argument as it is; F: opened now
printf ':cross:M::%s:%s:%s:PF' "$magic" "$mask" "$(type -P "$1")" >"$folder/register"
shift
exec "$@"
