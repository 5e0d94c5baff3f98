#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
"""type.py bash|zsh|fish FOLDER: type the lines of standard input into an interactive
shell that has the completions in FOLDER, with a key TAB for each "~"; print what the
screen shows after each, and then "=" and the line as it is when all keys have been read.
"""
import os
import re
import select
import sys
import time

PATIENCE = 60  # seconds that a shell may take to answer
SHOW = "\x1d"  # the key Ctrl-], which prints the line and clears it

START = {
    "bash": (
        ["bash", "--noprofile", "--norc", "-i"],
        """source /usr/share/bash-completion/bash_completion; source FOLDER/bash/msealctl
bind 'set page-completions off'; bind 'set completion-query-items 0'
bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'; bind 'set enable-bracketed-paste off'
show() { printf '<%s>\\n' "$READLINE_LINE"; READLINE_LINE=; READLINE_POINT=0; }
bind -x '"\\C-]": show'; PS1='%%'""",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        """fpath=(FOLDER/zsh $fpath); autoload -U compinit; compinit -D -u
LISTMAX=0; unsetopt beep list_ambiguous; zstyle ':completion:*' list-prompt ''
show() { print; print -r -- "<$BUFFER>"; BUFFER=; zle -R; zle reset-prompt; }
zle -N show; bindkey '^]' show; PROMPT='%%%%'; PROMPT_EOL_MARK=''""",
    ),
    "fish": (
        ["fish", "--no-config", "-i"],
        """source FOLDER/fish/msealctl.fish; function fish_prompt; printf '%%%%'; end
function show; echo; printf '<%s>\\n' (commandline); commandline -r ''; commandline -f repaint; end
bind \\x1d show""",
    ),
}


def read_until(terminal, pattern):
    seen = ""
    end = time.monotonic() + PATIENCE
    while not (found := re.search(pattern, seen, re.S)):
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        if not ready:
            sys.exit(f"no answer, only {seen!r}")
        seen += os.read(terminal, 65536).decode(errors="replace")
    return seen, found


def main():
    command, setup = START[sys.argv[1]]
    pid, terminal = os.forkpty()
    if pid == 0:
        os.environ.update(TERM="dumb", COLUMNS="80", LINES="500", INPUTRC="/dev/null")
        os.execvp(command[0], command)
    # each line of the setup, and a word that the echo of the line does not have
    for number, line in enumerate(setup.replace("FOLDER", sys.argv[2]).splitlines()):
        os.write(terminal, f"{line}; echo set''up{number}\r".encode())
        read_until(terminal, f"setup{number}")
    for line in sys.stdin.read().splitlines():
        os.write(terminal, (line.replace("~", "\t") + SHOW).encode())
        seen, found = read_until(terminal, r"<([^\n]*)>\r?\n")
        print(seen[: found.start()].replace("\r", ""))
        print("=" + found[1])
    os.close(terminal)


main()
