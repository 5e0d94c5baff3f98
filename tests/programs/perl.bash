# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# perl: modules that are plugins, processes, sockets and a sort, for a while.

ordinary=yes

needs() { program perl; }
version() { perl -e 'printf "%vd\n", $^V'; }

prepare() {
	cat >work.pl <<-'PERL'
		use strict; use warnings;
		use POSIX qw(floor); use Digest::SHA qw(sha256_hex); use Storable qw(freeze thaw);
		use List::Util qw(sum shuffle); use Encode; use Time::HiRes qw(usleep); use Socket; use IO::Handle;
		my $total = 0;
		for my $round (1 .. 40) {
			socketpair(my $one, my $other, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die $!;
			my $pid = fork() // die $!;
			if (!$pid) { close $one; $other->autoflush; my $n = <$other>; print $other $n * 2, "\n"; POSIX::_exit($round % 5) }
			close $other; $one->autoflush; print $one "$round\n";
			$total += <$one>; waitpid $pid, 0; $total += $? >> 8;
			my @sorted = sort { $a <=> $b } shuffle 1 .. 5000;
			$total += floor($sorted[17] / 2) + length(encode('UTF-8', "\x{263a}" x $round)) + @{thaw(freeze([1 .. $round]))};
			require Data::Dumper; require Math::BigInt; require Compress::Zlib; require IO::Select;
		}
		print "$total ", sha256_hex($total), " ", Math::BigInt->new(2)->bpow(200), "\n";
		exit 4;
	PERL
}

job() { exec "$@" perl work.pl; }
