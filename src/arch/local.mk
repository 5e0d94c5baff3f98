# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

# All architectures.  What is compiled are the .c files that configure finds in the folder of
# the machine, $(arch_objects), by automake's rule for any .c file.
EXTRA_DIST += $(patsubst $(srcdir)/%,%,$(wildcard $(srcdir)/%D%/*.h $(srcdir)/%D%/*/*.[ch]))
CLEANFILES += $(arch_objects)
-include $(wildcard %D%/*/$(DEPDIR)/*.Po)
