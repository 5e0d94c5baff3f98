# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# A server in Rust, a thread a connection, under wrk.

ordinary=yes

needs() { program rustc wrk curl; }
version() { rustc --version | cut -d ' ' -f 2; }

prepare() {
	cat >server.rs <<-'RUST'
		use std::io::{BufRead, BufReader, Write};
		use std::net::{TcpListener, TcpStream};

		fn serve(stream: TcpStream) -> std::io::Result<()> {
			let mut writer = stream.try_clone()?;
			let mut lines = BufReader::new(stream).lines();
			while let Some(line) = lines.next() {
				if line?.is_empty() {
					let sum: u64 = (0..1000u64).map(|i| i * i % 7).sum();
					let body = format!("{}\n", sum);
					write!(writer, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.len(), body)?;
				}
			}
			Ok(())
		}

		fn main() {
			let address = format!("127.0.0.1:{}", std::env::args().nth(1).unwrap());
			for stream in TcpListener::bind(address).unwrap().incoming() {
				std::thread::spawn(move || serve(stream.unwrap()).ok());
			}
		}
	RUST
	rustc -O -o server server.rs
}

start() { exec "$@" "$folder/server" "$port"; }
ready() { curl -sf "http://127.0.0.1:$port/"; }
load() { http_load "http://127.0.0.1:$port/"; }
