# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# ruby: plugins, threads, processes and fibers, for a while.

ordinary=yes

needs() { program ruby; }
version() { ruby -e 'puts RUBY_VERSION'; }

prepare() {
	cat >work.rb <<-'RUBY'
		require 'json'; require 'digest'; require 'socket'; require 'zlib'; require 'stringio'
		total = 0
		30.times do |round|
			r, w = IO.pipe
			pid = fork { r.close; w.puts round * 3; exit!(round % 4) }
			w.close; total += r.read.to_i; Process.wait(pid); total += $?.exitstatus
			total += 4.times.map { |i| Thread.new { (1..3000).sum { |n| n % (i + 2) } } }.sum(&:value)
			fiber = Fiber.new { 3.times { |n| Fiber.yield n }; 9 }
			total += 4.times.sum { fiber.resume }
			total += JSON.parse(JSON.generate((1..200).map { |n| { 'n' => n } })).sum { |h| h['n'] }
			total += Zlib::Inflate.inflate(Zlib::Deflate.deflate('x' * 5000)).size
		end
		require 'openssl'; require 'fiddle'; require 'bigdecimal'
		libc = Fiddle.dlopen(nil)
		abs = Fiddle::Function.new(libc['abs'], [Fiddle::TYPE_INT], Fiddle::TYPE_INT)
		back = Class.new(Fiddle::Closure) { def call(a) a + 1 end }.new(Fiddle::TYPE_INT, [Fiddle::TYPE_INT])
		call = Fiddle::Function.new(back, [Fiddle::TYPE_INT], Fiddle::TYPE_INT)
		puts total, abs.call(-3), call.call(4), Digest::SHA256.hexdigest(total.to_s), OpenSSL::Digest::SHA1.hexdigest('x')
		exit 5
	RUBY
}

job() { exec "$@" ruby work.rb; }
