# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers
# shellcheck shell=bash
#
# chromium, which renders a page in a sandbox of its own, with scripts and WebAssembly.

ordinary=yes
# all its other processes are chromium, executed again
exec_options=(--follow-dlopen --inherit)

# the program itself: what is in PATH is a script
needs() {
	chromium=/usr/lib/chromium/chromium
	[[ -x $chromium ]] || { echo "chromium is not installed"; return 1; }
}
version() {
	needs && "$chromium" --version --no-sandbox 2>/dev/null | grep -oE '[0-9]+\.[0-9.]+'
}

prepare() {
	cat >page.html <<-'HTML'
		<!doctype html><title>page</title><canvas id=c></canvas><p id=p></p>
		<script>
		let sum = 0;
		for (let i = 0; i < 3e6; i++) sum = (sum + i * i) % 1000003;
		const g = document.getElementById('c').getContext('2d');
		g.fillStyle = '#123456'; g.fillRect(0, 0, 50, 50);
		const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
		document.getElementById('p').textContent =
			[sum, ...g.getImageData(1, 1, 1, 1).data, wasm instanceof WebAssembly.Module].join(' ');
		</script>
	HTML
}

job() {
	needs && exec "$@" "$chromium" --headless=new --no-first-run --disable-gpu \
		--user-data-dir="$folder/profile" --dump-dom "file://$folder/page.html"
}
same() { grep -E '<p id=|^status'; }
