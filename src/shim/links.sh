#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# links.sh NAMES NAMES32 make|remove FOLDER
#
# FOLDER/NAME/libmsealctl.so for each NAME that a loader may take "$LIB" for: links to
# the shim beside FOLDER, or to the one for 32 bits.
set -eu

names=$1 names32=$2 action=$3 folder=$4

# each NAME OBJECT: what is to be done with one of them
make_link() {
	up=$(printf '%s\n' "$1" | sed 's,[^/][^/]*,..,g')
	mkdir -p "$folder/$1"
	ln -sf "../$up/$2" "$folder/$1/libmsealctl.so"
}

remove_link() {
	rm -f "$folder/$1/libmsealctl.so"
	# there may be others in there still; the last one takes it away
	(cd "$folder" && rmdir -p "$1") 2>/dev/null || :
}

# musl's loader expands nothing, and opens the path as it stands
# shellcheck disable=SC2016 # so it is called
"${action}_link" '$LIB' libmsealctl.so
for name in $names; do
	"${action}_link" "$name" libmsealctl.so
done
for name in $names32; do
	"${action}_link" "$name" libmsealctl32.so
done
[ "$action" = make ] || rmdir "$folder" 2>/dev/null || :
