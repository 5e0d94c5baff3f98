# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# fish completion for msealctl(1)

# The words from the COMMAND of exec on; fails if there are none yet.
function __msealctl_command
    set -l words (commandline -opc)[3..-1]
    while set -q words[1]
        switch $words[1]
            case --
                string escape -- $words[2..-1]
                return 0
            case --seal --exclude --types --via
                set -e words[1..2]
            case '-*'
                set -e words[1]
            case '*'
                string escape -- $words
                return 0
        end
    end
    return 1
end

function __msealctl_complete_command
    set -l words (__msealctl_command)
    # an option that comes before the command is our own
    or string match -qv -- '-*' (commandline -ct); or return
    set -l line (string join ' ' -- $words (commandline -ct))
    complete -C"$line"
end

# Is it the line of one of the commands $argv, and still our own part of it?
function __msealctl_on
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv; or return
    test "$words[2]" != exec; or not __msealctl_command >/dev/null
end

# Words of a comma-separated list: what is typed, up to its last comma, before each.
function __msealctl_list
    set -l before (commandline -ct | string replace -r '^(--[a-z]+=|-[a-zA-Z])' '' | string match -r '^.*,')
    test -n "$before"; or set before ''
    printf '%s\n' $before$argv
end

function __msealctl_classes
    __msealctl_list text rodata relro data stack heap vdso anon file shm all dlopened name: text:@exe
end

function __msealctl_columns
    __msealctl_list (msealctl $argv[1] --list-columns 2>/dev/null | string replace -r ' .*' '')
end

complete -c msealctl -f

set -l first 'test (count (commandline -opc)) = 1'
complete -c msealctl -n $first -a exec -d 'Run a command with its memory sealed'
complete -c msealctl -n $first -a attach -d 'Seal running processes'
complete -c msealctl -n $first -a show -d 'Show every region of processes'
complete -c msealctl -n $first -a check -d 'Are all selected regions sealed?'
complete -c msealctl -n $first -a list -d 'Show every process, and how much is sealed'
complete -c msealctl -n $first -a probe -d 'Show what this kernel allows'

set -l pids '__msealctl_on attach show check'
complete -c msealctl -n $pids -a '(__fish_complete_pids)'
complete -c msealctl -n '__fish_seen_subcommand_from exec' -a '(__msealctl_complete_command)'

set -l lists '__msealctl_on exec attach show check list'
complete -c msealctl -n $lists -l seal -xa '(__msealctl_classes)' -d 'Regions to select'
complete -c msealctl -n $lists -l exclude -xa '(__msealctl_classes)' -d 'Regions to leave out'
complete -c msealctl -n '__msealctl_on exec attach check list' -l types -xa '(__msealctl_list base prot-pkey discard seal all)' -d 'Types of seals'

complete -c msealctl -n '__msealctl_on exec' -l via -xa 'auto preload ptrace' -d 'How to get into the program'
complete -c msealctl -n '__msealctl_on exec' -l best-effort -d 'Run it even if not everything could be sealed'
complete -c msealctl -n '__msealctl_on exec' -l inherit -d 'Seal what it executes, too'
complete -c msealctl -n '__msealctl_on exec' -l follow-dlopen -d 'Seal what it loads later, too'

complete -c msealctl -n '__msealctl_on attach' -l dry-run -d 'Only show what would be sealed'
complete -c msealctl -n '__msealctl_on attach' -l timeout -x -d 'Seconds to wait for it to stop'

set -l report '__msealctl_on attach show check list probe'
complete -c msealctl -n $pids -s o -l output -xa '(__msealctl_columns show)' -d 'Columns to show'
complete -c msealctl -n '__msealctl_on list' -s o -l output -xa '(__msealctl_columns list)' -d 'Columns to show'
complete -c msealctl -n '__msealctl_on probe' -s o -l output -xa '(__msealctl_columns probe)' -d 'Columns to show'
complete -c msealctl -n $report -l output-all -d 'Show every column'
complete -c msealctl -n $report -s n -l noheadings -d 'Leave out the heading line'
complete -c msealctl -n $report -s r -l raw -d 'Raw output for scripts'
complete -c msealctl -n $report -s J -l json -d 'JSON output'
complete -c msealctl -n $report -l notruncate -d 'Rows longer than the terminal is wide'
complete -c msealctl -n $pids -l summary -d 'One line a process'
complete -c msealctl -n $report -s b -l bytes -d 'Sizes in bytes'
complete -c msealctl -n $report -s H -l list-columns -d 'List the columns and exit'
complete -c msealctl -n $report -l color -xa 'auto always never' -d 'Colour the results'

set -l any '__msealctl_on exec attach show check list probe'
complete -c msealctl -n $any -s v -l verbose -d 'Say more'
complete -c msealctl -n $any -s q -l quiet -d 'Say nothing but errors'
complete -c msealctl -n "$first; or $any" -s h -l help -d 'Show help and exit'
complete -c msealctl -n "$first; or $any" -s V -l version -d 'Show the version and exit'
