#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# run.sh TEST...: run these .bats files twice where msealctl and its targets have different
# users: by root, and by a user whose copy of msealctl has CAP_SYS_PTRACE as its only file
# capability.  Needs root.  Prints the totals of "make check" for each.
set -u

build=${TOP_BUILDDIR:?}
# of the targets, with a name for list; and of the second msealctl
target_user=daemon user=65533
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

((EUID == 0)) || {
	echo "1..0 # SKIP needs root" && echo "# SKIP: 1"
	exit 0
}

# Where every user can read it.  The programs of the tests are found in a build folder.
mkdir -p "$folder/src" "$folder/tests"
cp "$build"/src/{msealctl,*.so} "$folder/src"
cp -r "$build/tests/helpers" "$folder/tests"
chmod -R a+rX "$folder"
export MSEALCTL_TEST_TARGET_USER=$target_user MSEALCTL_TEST_BUILD=$folder
status=0

echo "# root, targets of user $target_user"
"${MAKE:?}" -C "$build" check TESTS="$*" || status=1

# the tests, which are root, run the one that is capable; their targets the plain one
mv "$folder/src/msealctl" "$folder/src/plain"
cp "$folder/src/plain" "$folder/src/capable"
setcap cap_sys_ptrace+ep "$folder/src/capable" || exit
cat >"$folder/src/msealctl" <<END
#!/bin/bash
((EUID == 0)) || exec "$folder/src/plain" "\$@"
exec setpriv --reuid=$user --regid=$user --clear-groups -- "$folder/src/capable" "\$@"
END
chmod 755 "$folder/src/msealctl"
echo "# user $user with CAP_SYS_PTRACE, targets of user $target_user"
export MSEALCTL_TEST_PTRACE_ONLY=yes
"${MAKE:?}" -C "$build" check TESTS="$*" || status=1
exit "$status"
