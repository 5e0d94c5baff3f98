# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

dist_man_MANS = %D%/mseal.2 %D%/msealctl.1 %D%/msealctl.7
