#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# links.sh NAMES NAMES32 make|remove FOLDER
#
# FOLDER/NAME/libmsealctl.so, -follow.so and -audit.so for each NAME that a loader may take
# "$LIB" for: links to the objects beside FOLDER, or to those for 32 bits.
set -eu

names=$1 names32=$2 action=$3 folder=$4

# each NAME WIDTH: what is to be done with one of them
make_links() {
	up=$(printf '%s\n' "$1" | sed 's,[^/][^/]*,..,g')
	mkdir -p "$folder/$1"
	for object in .so -follow.so -audit.so; do
		ln -sf "../$up/libmsealctl$2$object" "$folder/$1/libmsealctl$object"
	done
}

remove_links() {
	for object in .so -follow.so -audit.so; do
		rm -f "$folder/$1/libmsealctl$object"
	done
	# there may be others in there still; the last one takes it away
	(cd "$folder" && rmdir -p "$1") 2>/dev/null || :
}

# musl's loader expands nothing, and opens the path as it stands
# shellcheck disable=SC2016 # so it is called
"${action}_links" '$LIB' ''
for name in $names; do
	"${action}_links" "$name" ''
done
for name in $names32; do
	"${action}_links" "$name" 32
done
[ "$action" = make ] || rmdir "$folder" 2>/dev/null || :
