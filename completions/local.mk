# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

EXTRA_DIST += %D%/bash/msealctl %D%/fish/msealctl.fish %D%/zsh/_msealctl
if BASH_COMPLETION
bashcompletion_DATA = %D%/bash/msealctl
endif
if FISH_COMPLETION
fishcompletion_DATA = %D%/fish/msealctl.fish
endif
if ZSH_COMPLETION
zshcompletion_DATA = %D%/zsh/_msealctl
endif
