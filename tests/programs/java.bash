# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# A server in Java, under wrk: compiled while it runs, with threads and libraries by JNI.

ordinary=yes

needs() { program java javac wrk curl; }
version() { java -version 2>&1 | grep -oE '[0-9]+\.[0-9.]+' | head -n 1; }

prepare() {
	cat >Server.java <<-'JAVA'
		import com.sun.net.httpserver.HttpServer;
		import java.net.InetSocketAddress;
		import java.security.MessageDigest;
		import java.util.concurrent.Executors;
		import java.util.stream.LongStream;
		import java.util.zip.CRC32;

		public class Server {
			static byte[] answer() throws Exception {
				long sum = LongStream.range(0, 5000).map(i -> i * i % 7).sum();
				byte[] bytes = MessageDigest.getInstance("SHA-256").digest(Long.toString(sum).getBytes());
				CRC32 crc = new CRC32();
				crc.update(bytes);
				return (Long.toHexString(crc.getValue()) + "\n").getBytes();
			}
			public static void main(String[] args) throws Exception {
				HttpServer server = HttpServer.create(
					new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 64);
				server.createContext("/", exchange -> {
					try (exchange) {
						byte[] answer = answer();
						exchange.sendResponseHeaders(200, answer.length);
						exchange.getResponseBody().write(answer);
					} catch (Exception e) {
						e.printStackTrace();
					}
				});
				server.setExecutor(Executors.newFixedThreadPool(4));
				server.start();
			}
		}
	JAVA
	javac Server.java
}

start() { exec "$@" java -Xmx256m -cp "$folder" Server "$port"; }
ready() { curl -sf "http://127.0.0.1:$port/"; }
load() { http_load "http://127.0.0.1:$port/"; }
