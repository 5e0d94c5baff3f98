#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Read the #include lines of src/ and hold them to the layer rule, as README gives it.
# Prints TAP.
set -u

cd "${TOP_SRCDIR:?}/src" || exit

# The rule: a folder, and what its files may include: other folders, or one header of them.
folders=(core base arch process tracer report probe exec cli shim shim/follow)
declare -A may=(
	[core]="core"
	[base]="base core"
	[arch]="arch core"
	[process]="process core base"
	[tracer]="tracer process core base arch"
	[report]="report process core base arch"
	[probe]="probe process core base arch"
	[exec]="exec tracer report probe process core base arch"
	[cli]="cli exec tracer report probe process core base arch"
	[shim]="shim core arch/raw-call.h arch/libc-start.h"
	[shim/follow]="shim/follow shim core arch/raw-call.h arch/libc-start.h"
)

number=0 failed=0
declare -A place problems=()

# result TITLE PROBLEMS: one line of PROBLEMS for each, none if it is well
result() {
	number=$((number + 1))
	if [[ ! $2 ]]; then
		printf 'ok %d - %s\n' "$number" "$1"
		return
	fi
	failed=1
	printf 'not ok %d - %s\n' "$number" "$1"
	printf '# %s\n' "${2//$'\n'/$'\n# '}"
}

# layer_of PATH: its folder, which is one for all architectures; in $layer
layer_of() {
	layer=${1%/*}
	[[ $layer != arch/* ]] || layer=arch
}

# check FILE HEADER: may FILE include it?
check() {
	local layer from to

	layer_of "$1"
	from=$layer
	if [[ ! ${place[$2]-} ]]; then
		problems[$from]+="$1 includes $2, which is nowhere in src/"$'\n'
		return
	fi
	layer_of "${place[$2]}"
	to=$layer
	[[ " ${may[$from]-} " == *" $to "* || " ${may[$from]-} " == *" $to/$2 "* ]] ||
		problems[$from]+="$1 includes ${place[$2]}"$'\n'
}

# Headers are found by name alone, so each name may be there once.  NAME-ARCH.h of an
# architecture is included as NAME.h, a link to it.
twice=
while IFS= read -r path; do
	name=${path##*/}
	[[ ! ${place[$name]-} ]] || twice+="$path and ${place[$name]}"$'\n'
	place[$name]=$path
	if [[ $path =~ ^arch/([^/]+)/ && $name == *-${BASH_REMATCH[1]}.h ]]; then
		place[${name%-*}.h]=$path
	fi
done < <(find -- * -name '*.h' | sort)
for path in ../tests/unit/*.h ../tests/fuzz/*.h; do
	[[ ! ${place[${path##*/}]-} ]] || twice+="$path and ${place[${path##*/}]}"$'\n'
done
result "no two headers have one name" "${twice%$'\n'}"

unlisted=$(find -- * -name '*.[chS]' ! -path 'kernel/*' -printf '%h\n' | sed 's,^arch/.*,arch,' |
	sort -u | grep -vxF "$(printf '%s\n' "${folders[@]}")")
result "every folder has its line in the rule" "$unlisted"

includes=$(find -- * -name '*.[chS]' ! -path 'kernel/*' -exec \
	sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]+"([^"]+)".*/\1/; T; F; p' {} + |
	paste -d ' ' - -)
while read -r file header; do
	check "$file" "$header"
done <<<"$includes"
for folder in "${folders[@]}"; do
	text=${problems[$folder]-}
	result "$folder includes from ${may[$folder]} alone" "${text%$'\n'}"
done

printf '1..%d\n' "$number"
exit "$failed"
