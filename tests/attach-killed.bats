#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
#
# Killed at any step, msealctl leaves its target as if nothing had happened.

load helpers
load kill

setup() { requires mseal ptrace; }

@test "msealctl, killed at any step, leaves each mapping and register of a plain program" {
	sweep_and_collect 1 1 victim_is_well "$helpers/victim"
}

@test "msealctl, killed at any step, leaves a program that computes: registers, flags, red zone, x87, SSE, AVX" {
	sweep_and_collect 1 1 steady_is_well "$helpers/steady" plain
}

@test "msealctl, killed at any step, leaves a program on its alternate signal stack unharmed" {
	sweep_and_collect 1 1 steady_is_well "$helpers/steady" altstack
}

@test "msealctl, killed at any step, leaves a program inside a signal handler unharmed" {
	sweep_and_collect 1 1 steady_is_well "$helpers/steady" handler
}

@test "msealctl, killed at any step, leaves four threads that compute unharmed" {
	sweep_and_collect "$sample" 1 steady_is_well "$helpers/steady" plain threads=4
}

@test "msealctl, killed at any step, leaves threads that wait unharmed" {
	sweep_and_collect "$sample" 2 victim_is_well "$helpers/victim" threads=8
}

@test "msealctl, killed at any step, loses no signal of its target and lets none come too early" {
	sweep_and_collect 1 1 steady_is_well "$helpers/storm"
	sweep_and_collect "$sample" 4 steady_is_well "$helpers/storm" threads maps forks spawns
}

@test "msealctl, killed at any step, breaks no restartable sequence: no increment is lost" {
	sweep_and_collect "$sample" 3 steady_is_well "$helpers/steady" rseq
	sweep_and_collect "$sample" 1 steady_is_well "$helpers/steady" rseq threads=2
}

@test "msealctl, killed at any step, spares a call that the kernel restarts with the rest of its timeout" {
	local call

	for call in $(calls_here nanosleep futex-timed poll-timed); do
		sweep 1 1 inflight_is_well "$helpers/inflight" loop "$call"
	done
	collect_ends
}

@test "msealctl, killed at any step, spares a call that the kernel makes again" {
	sweep_and_collect 1 1 inflight_is_well "$helpers/inflight" loop read
}

@test "msealctl, killed at any step, spares a call that the kernel ends when it is stopped" {
	local call

	call=$(calls_here epoll_wait epoll_pwait | head -n 1)
	sweep_and_collect 1 1 inflight_is_well "$helpers/inflight" loop "$call"
}

@test "msealctl, killed at any step, spares a call of each other class" {
	local call n=0

	for call in $("$helpers/inflight" list | sed 's/ .*//'); do
		sweep "$sample" $((n++ % sample + 1)) inflight_is_well "$helpers/inflight" loop "$call"
	done
	collect_ends
}

@test "msealctl, killed at any step, spares threads in a call of each class" {
	sweep_and_collect "$((sample * sample))" 5 inflight_is_well "$helpers/inflight" loop all
}

@test "msealctl, killed at any step, leaves a stopped program stopped" {
	local edge n steps

	start "$helpers/victim"
	list_steps
	assert_finishes_with 0
	start "$helpers/victim"
	kill -STOP "$pid"
	is_stopped "$pid"
	for edge in entry exit; do
		for n in "${steps[@]}"; do
			kill_at "$n" "$edge"
			is_stopped "$pid" || fail "killed at the $edge of step $n: $(state_of "$pid")"
		done
	done
	kill -CONT "$pid"
	victim_is_well
	assert_finishes_with 0
}

@test "msealctl, killed at any step while a chain of calls is made, leaves its target unharmed" {
	local call

	calls=4
	sweep 1 1 steady_is_well "$helpers/steady" plain
	sweep "$sample" 1 steady_is_well "$helpers/steady" deep
	! loads_registers || sweep "$sample" 1 steady_is_well "$helpers/steady" bare
	sweep "$sample" 2 victim_is_well "$helpers/victim" threads=8
	sweep "$sample" 3 steady_is_well "$helpers/steady" handler
	sweep "$sample" 4 steady_is_well "$helpers/storm"
	for call in $(calls_here nanosleep read epoll_wait epoll_pwait | head -n 3); do
		sweep "$sample" 5 inflight_is_well "$helpers/inflight" loop "$call"
	done
	collect_ends
}

# abandon COUNT: msealctl is killed where its target begins a chain, which is stopped COUNT
# instructions later; $step is what stepper says of it
abandon() {
	fresh 4
	outcome=$("$helpers/killat" PTRACE_CONT entry =STOP "$pid" "$msealctl" attach -q \
		--seal="$fresh" "$pid")
	assert_equal "$outcome" killed
	is_stopped "$pid"
	step=$("$helpers/stepper" "$pid" "$1")
	is_stopped "$pid"
}

# sweep_chain LEAST TARGET...: abandon it after each instruction, of which there are more than
# LEAST; it must go on by itself, or be found and restored by the next msealctl.
sweep_chain() {
	local count least=$1 step=

	shift
	start "$@"
	for ((count = 0; ; count += sample)); do
		# off the main stack, the place of an earlier frame is not used again
		[[ ${!#} != altstack || $count == 0 ]] || {
			assert_finishes_with 0
			start "$@"
		}
		abandon "$count"
		if ((count % 2)); then
			fresh 1
			run -0 msealctl attach -q --seal="$fresh" "$pid"
			is_stopped "$pid"
		fi
		kill -CONT "$pid"
		steady_is_well || fail "abandoned after $count instructions: $heard"
		[[ $step != over ]] || break
	done
	assert [ "$count" -gt "$least" ]
	assert_finishes_with 0
}

@test "a chain of calls that is abandoned after any instruction leaves a program that computes unharmed" {
	# frames need fewer instructions
	local least=15

	! loads_registers || least=30
	sweep_chain "$least" "$helpers/steady" plain
	sweep_chain "$least" "$helpers/steady" deep
	sweep_chain "$least" "$helpers/steady" altstack
	! loads_registers || sweep_chain 15 "$helpers/steady" bare
}

coroutine_is_well() {
	say '?'
	[[ $heard == ok ]]
}

@test "a small stack, without room for a frame, right above the memory of others" {
	local mode

	for mode in deep lock malloc thread; do
		start "$helpers/coroutine" "$mode"
		run -0 --separate-stderr msealctl attach -v --seal=text:@exe "$pid"
		refute [ "$(grep -c 'only registers' <<<"$stderr")" -gt 0 ]
		coroutine_is_well || fail "$mode: $heard bytes changed"
		assert_finishes_with 0
		sweep "$sample" 3 coroutine_is_well "$helpers/coroutine" "$mode"
	done
	collect_ends
}
