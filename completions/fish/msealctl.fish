# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# fish completion for msealctl(1): what can follow is what "msealctl help" says

# WORD and what it means, a line each, of the help of a command, from TITLE on.
function __msealctl_help
    msealctl help $argv[2] 2>/dev/null | sed -n "/^$argv[1]/,/^\$/s/^  *\([^ ]*\)  */\1\t/p"
end

# The same for options; those with a letter are there twice.
function __msealctl_options
    msealctl help $argv 2>/dev/null | sed -n '/^Options:/,/^$/{
        s/^ *\(-.\), \(--[^ =]*\)=\{0,1\}[^ ]*  *\(.*\)/\1\t\3\n\2\t\3/p; t
        s/^ *\(--[^ =]*=\{0,1\}\)[^ ]*  */\1\t/p
    }'
end

# Words of a comma-separated list: what is typed, up to its last comma, before each.
function __msealctl_list
    set -l before (string match -r '^\+?(?:.*,)?' -- $argv[1])
    printf '%s\n' $before$argv[2..-1]
end

# The processes of this user, for root all, as PID, a tab and NAME; kernel threads have no
# size.
function __msealctl_processes
    set -l whose -u (id -u)
    test $whose[2] != 0; or set whose -e
    ps $whose -o pid=,vsz=,comm= 2>/dev/null |
        string match -rv '^ *\d+ +0 ' | string replace -r '^ *(\d+) +\d+ ' '$1\t'
end

function __msealctl_terms
    set -l words (__msealctl_help 'LIST of' $argv[1] | string match -rv '^(CLASS|0x)' | string replace ':GLOB' ':')
    string match -q '*:*' -- (string split , -- $argv[2])[-1]
    and set words (string replace -r ':.*' '' -- (string split , -- $argv[2])[-1]):@exe
    __msealctl_list $argv[2] $words
end

# What may be the value of the option $argv[2] of the command $argv[1], of which
# $argv[3] is typed; fails if the option has none.
function __msealctl_value
    set -l columns msealctl $argv[1] --list-columns
    switch $argv[2]
        case --seal --exclude
            __msealctl_terms $argv[1] $argv[3]
        case --types
            __msealctl_list $argv[3] base prot-pkey discard seal all
        case --output -o
            __msealctl_list $argv[3] ($columns 2>/dev/null | string replace -r ' .*' '')
        case --sort
            set -l sign (string match -r -- '^-?' $argv[3])
            printf '%s\n' $sign($columns 2>/dev/null | string replace -r ' .*' '')
        case --state
            __msealctl_list $argv[3] full partial none unreadable
        case --color
            printf '%s\n' auto always never
        case --via
            printf '%s\n' auto preload ptrace
        case --name
            __msealctl_processes | string replace -r '.*\t' '' | sort -u
        case --except
            __msealctl_processes
        case --exe
            __fish_complete_path $argv[3]
        case --user
            __fish_complete_users
        case --cgroup
            cat /proc/*/cgroup 2>/dev/null | string replace -r '^[^:]*:[^:]*:' '' | sort -u
        case --unit
            systemctl list-units --plain --no-legend 2>/dev/null | string replace -r ' .*' ''
        case '*'
            __msealctl_options $argv[1] | string match -qr -- "^$argv[2]=\t"
    end
end

# The words from the COMMAND of exec on; fails if there are none yet.
function __msealctl_command
    set -l words (commandline -opc)[3..-1]
    set -l options (__msealctl_options exec)
    while set -q words[1]
        switch $words[1]
            case --
                string escape -- $words[2..-1]
                return 0
            case '-*'
                string match -qr -- "^$words[1]=\t" $options
                and set -e words[1]
                set -e words[1]
            case '*'
                string escape -- $words
                return 0
        end
    end
    return 1
end

function __msealctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l command $words[2]

    if not set -q words[2]
        __msealctl_help Commands:
        __msealctl_options
        return
    end
    if test $command = exec
        if set -l rest (__msealctl_command)
            complete -C(string join ' ' -- $rest $current)
            return
        end
    end
    set -l value (string match -r '^(--[a-z]+)=(.*)' -- $current)
    if set -q value[1]
        __msealctl_value $command $value[2] $value[3] | string replace -r -- '^' "$value[2]="
        return
    end
    __msealctl_value $command $words[-1] $current
    and return
    if string match -q -- '-*' $current
        __msealctl_options $command
        return
    end
    switch $command
        case exec
            complete -C$current
        case help
            __msealctl_help Commands:
        case attach show check list
            __msealctl_processes
    end
end

complete -c msealctl -f -a '(__msealctl_complete)'
