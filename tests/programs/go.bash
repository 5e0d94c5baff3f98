# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# A server in Go, under wrk: linked statically, with many goroutines.

ordinary=yes
# it has no RELRO, and nothing that could load an object later
seal=text,rodata,stack exec_options=()

needs() { program go wrk curl; }
version() { go version | grep -oE '[0-9]+\.[0-9.]+' | head -n 1; }

prepare() {
	cat >server.go <<-'GO'
		package main

		import (
			"crypto/sha256"
			"fmt"
			"net/http"
			"os"
		)

		func main() {
			http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
				parts := make(chan int)
				for i := 0; i < 8; i++ {
					go func(i int) {
						sum := 0
						for n := 0; n < 1000; n++ {
							sum += n * i % 7
						}
						parts <- sum
					}(i)
				}
				total := 0
				for i := 0; i < 8; i++ {
					total += <-parts
				}
				fmt.Fprintf(w, "%d %x\n", total, sha256.Sum256([]byte(fmt.Sprint(total))))
			})
			fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
			os.Exit(1)
		}
	GO
	CGO_ENABLED=0 GOFLAGS=-mod=mod GOCACHE=${GOCACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/go-build} \
		go build -o server server.go
}

start() { exec "$@" "$folder/server" "$port"; }
ready() { curl -sf "http://127.0.0.1:$port/"; }
load() { http_load "http://127.0.0.1:$port/"; }
