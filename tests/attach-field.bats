#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# For soak/run.sh: MSEALCTL_TEST_ATTACHES attaches, a fifth of them to each kind of process
# that a tracer is known to disturb; half of them with calls enough for a chain.  No process may be disturbed, no attach may take two
# seconds, and each ends well or with a reason that is true of that kind.

load helpers

setup() {
	requires mseal ptrace
	rounds=$((${MSEALCTL_TEST_ATTACHES:-50} / 5))
	dir=$BATS_TEST_TMPDIR/fuse
	mkdir "$dir"
	attached=0
}

# one call; or two for each object, with its text between them
lists=(text:@exe rodata)

# attach_once REASON [LIST]: to $pid; status 1 only with a message that matches REASON
attach_once() {
	local began=${EPOCHREALTIME/[.,]/} took list=${2-${lists[attached++ % 2]}}

	run --separate-stderr timeout -k 1 60 "$msealctl" attach -q --timeout=1.5 --seal="$list" "$pid"
	took=$((${EPOCHREALTIME/[.,]/} - began))
	count attaches 1
	((took < 2000000)) || fail "it took $took us: status $status: $stderr"
	case $status in
	0) ;;
	1) [[ $1 && $stderr =~ ^"msealctl: $pid: "($1) ]] || fail "$stderr" ;;
	*) fail "status $status: $stderr" ;;
	esac
}

@test "a loop in which threads execute another program" {
	# libc may just be being loaded, which is not sealed then
	local lists=(text:@exe 'rodata:@exe,rodata:ld-linux*') n

	start "$helpers/odd" execs
	for ((n = 0; n < rounds; n++)); do
		attach_once 'cannot (attach: (it was executing|it did not stop|Operation not permitted; the cause)|read|select)'
		[[ $stderr != *'has exited'* ]] || fail "$stderr"
		kill -0 "$pid" || fail "it is dead: $stderr"
	done
	exec {to}>&-
	hear
	[[ $heard =~ ^[1-9][0-9]*\ execs$ ]] || fail "$heard"
	assert_finishes_with 0
}

@test "large writes and reads of pipes and sockets" {
	local call n

	for ((n = 0; n < rounds; n += 10)); do
		for call in write sendmsg recv random stream; do
			start "$helpers/transfer" "$call"
			attach_once 'cannot attach: thread [0-9]+ is in a write'
			attach_once 'cannot attach: thread [0-9]+ is in a write'
			say go
			[[ $heard == whole || $stderr == *'the stop has ended a '* ]] || fail "$call: $heard"
			assert_finishes_with 0
		done
	done
}

@test "calls to a FUSE server" {
	local calls=(open stat access fsync pread getdents mkdir) n

	requires root fuse
	for ((n = 0; n < rounds; n++)); do
		start "$helpers/fuse" "$dir" "${calls[n % ${#calls[@]}]}"
		attach_once ''
		assert_finishes_with 0
	done
}

@test "coroutines with small stacks" {
	local modes=(deep lock malloc thread) n

	for ((n = 0; n < rounds; n++)); do
		start "$helpers/coroutine" "${modes[n % ${#modes[@]}]}"
		attach_once ''
		say '?'
		assert_equal "$heard" ok
		assert_finishes_with 0
	done
}

@test "daemons of three users" {
	local users=(1 33 65534) n bin=$BATS_TEST_TMPDIR/bin

	requires root program:setpriv
	mkdir "$bin"
	cp "$helpers/steady" "$helpers/storm" "$helpers/victim" "$bin"
	chmod 755 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$bin"
	# victim makes a file there
	chmod 1777 "$BATS_TEST_TMPDIR"
	for ((n = 0; n < rounds; n += 6)); do
		for user in "${users[@]}"; do
			as_user=(setpriv --reuid="$user" --regid="$user" --clear-groups --)
			start "${as_user[@]}" "$bin/steady" rseq threads=2
			attach_once ''
			say '?'
			[[ $heard == 'ok '* ]] || fail "user $user: $heard"
			assert_finishes_with 0
			start "${as_user[@]}" "$bin/victim"
			attach_once '' text:@exe,rodata
			assert_place_sealed text
			assert_finishes_with 0
		done
	done
}

# attach_to_all COMMAND...: to processes of it, each with several lists, as what is sealed
# already needs no call.
attach_to_all() {
	local lists=(text:@exe text rodata:@exe rodata) n list

	for ((n = 0; n < rounds; n += ${#lists[@]})); do
		start "$@"
		for list in "${lists[@]}"; do
			attach_once '' "$list"
		done
		say '?'
		assert_equal "$heard" ok
		assert_finishes_with 0
	done
}

for_soak_alone() { [[ ${MSEALCTL_TEST_LONG:-} ]] || skip "for soak/run.sh alone"; }

@test "greenlets of Python" {
	for_soak_alone
	requires_python greenlet
	cat >"$BATS_TEST_TMPDIR/greenlets.py" <<-'END'
		import greenlet, select, sys

		def deep(number, depth):
		    if depth:
		        return deep(number, depth - 1) + 1
		    parent.switch()
		    return number

		def work(number):
		    kept = [number] * 50
		    while True:
		        if deep(number, number % 20) != number + number % 20 or kept != [number] * 50:
		            sys.exit('greenlet %d has other locals' % number)

		parent = greenlet.getcurrent()
		all = [greenlet.greenlet(lambda n=n: work(n)) for n in range(100)]
		print('ready', flush=True)
		while True:
		    for one in all:
		        one.switch()
		    if select.select([0], [], [], 0)[0]:
		        if not sys.stdin.readline():
		            break
		        print('ok', flush=True)
	END
	attach_to_all "$python" "$BATS_TEST_TMPDIR/greenlets.py"
}

@test "goroutines, whose stacks grow and move" {
	local dir=$BATS_TEST_TMPDIR/go

	for_soak_alone
	requires program:go
	mkdir "$dir"
	cat >"$dir/main.go" <<-'END'
		package main

		import (
			"bufio"
			"fmt"
			"os"
		)

		func deep(number, depth int) int {
			var kept [64]int
			for i := range kept {
				kept[i] = number
			}
			sum := 0
			if depth > 0 {
				sum = deep(number, depth-1)
			}
			for _, k := range kept {
				sum += k
			}
			return sum
		}

		func work(number int, in, out chan int) {
			for round := range in {
				depth := round % 60
				if deep(number, depth) != number*64*(depth+1) {
					fmt.Println("other locals")
					os.Exit(1)
				}
				out <- round + 1
			}
		}

		func main() {
			first := make(chan int, 8)
			in := first
			for n := 1; n < 100; n++ {
				out := make(chan int)
				go work(n, in, out)
				in = out
			}
			go work(100, in, first)
			for n := 0; n < 8; n++ {
				first <- n * 7
			}
			fmt.Println("ready")
			lines := bufio.NewScanner(os.Stdin)
			for lines.Scan() {
				fmt.Println("ok")
			}
		}
	END
	(cd "$dir" && GO111MODULE=off GOCACHE=$dir/cache go build -o program main.go)
	attach_to_all "$dir/program"
}

@test "coroutines of Boost.Context with small stacks" {
	local dir=$BATS_TEST_TMPDIR

	for_soak_alone
	requires program:g++
	cat >"$dir/fibers.cc" <<-'END'
		#include <boost/context/fiber.hpp>
		#include <boost/context/fixedsize_stack.hpp>
		#include <cstdio>
		#include <cstring>
		#include <poll.h>
		#include <vector>

		namespace context = boost::context;

		static bool wrong;

		int main()
		{
			std::vector<context::fiber> fibers;
			struct pollfd input = { 0, POLLIN, 0 };
			char line[16];

			for (int n = 0; n < 100; n++)
				fibers.emplace_back(std::allocator_arg, context::fixedsize_stack(4096),
						    [n](context::fiber &&back) {
					volatile char kept[1500];
					for (;;) {
						for (auto &byte : kept)
							byte = (char)n;
						back = std::move(back).resume();
						for (auto &byte : kept)
							wrong = wrong || byte != (char)n;
					}
					return std::move(back);
				});
			puts("ready");
			fflush(stdout);
			for (;;) {
				for (auto &fiber : fibers)
					fiber = std::move(fiber).resume();
				if (poll(&input, 1, 0) == 0)
					continue;
				if (!fgets(line, sizeof(line), stdin))
					_Exit(wrong);
				puts(wrong ? "other locals" : "ok");
				fflush(stdout);
			}
		}
	END
	g++ -O1 -o "$dir/fibers" "$dir/fibers.cc" -lboost_context 2>"$dir/errors" ||
		skip "Boost.Context is not installed: $(head -n 1 "$dir/errors")"
	attach_to_all "$dir/fibers"
}
