# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# A server in node, under wrk: compiled while it runs, with WebAssembly and worker threads.

ordinary=yes

needs() { program node wrk curl; }
version() { node --version | tr -d v; }

prepare() {
	cat >server.js <<-'JS'
		const http = require('http'), crypto = require('crypto'), { Worker } = require('worker_threads');
		// (module (func (export "f") (param i32) (result i32) local.get 0 local.get 0 i32.mul))
		const wasm = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([
			0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1,
			102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 0, 108, 11])));
		const square = (i) => wasm.exports.f(i);
		const answer = () => {
			let sum = 0;
			for (let i = 0; i < 1000; i++) sum += square(i);
			return crypto.createHash('sha256').update(String(sum)).digest('hex') + '\n';
		};
		const thread = 'const t = require("worker_threads"); let s = 0;' +
			'for (let i = 0; i < 1e6; i++) s += i % 7; t.parentPort.postMessage(s)';
		http.createServer((request, response) => {
			if (request.url !== '/thread') return response.end(answer());
			new Worker(thread, { eval: true }).on('message', (sum) => response.end(sum + '\n'));
		}).listen(+process.argv[2], '127.0.0.1');
	JS
}

start() { exec "$@" node server.js "$port"; }
ready() { curl -sf "http://127.0.0.1:$port/"; }

load() {
	http_load "http://127.0.0.1:$port/" || return
	for _ in 1 2 3; do curl -sS --fail "http://127.0.0.1:$port/thread" || return; done
}
