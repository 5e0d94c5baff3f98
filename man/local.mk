# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

dist_man_MANS = \
	%D%/mseal.2 \
	%D%/msealctl.1 \
	%D%/msealctl.7 \
	%D%/msealctl-attach.1 \
	%D%/msealctl-exec.1 \
	%D%/msealctl-select.7 \
	%D%/msealctl-service.7 \
	%D%/msealctl-show.1

# msealctl-service(7) names them.
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	%D%/examples/Dockerfile \
	%D%/examples/attach.conf \
	%D%/examples/crontab \
	%D%/examples/exec.conf \
	%D%/examples/seal-new@.service \
	%D%/examples/seal-new@.timer
dist_examples_SCRIPTS = \
	%D%/examples/entrypoint \
	%D%/examples/report-open

.PHONY: link-man-pages unlink-man-pages
# For man(1), "man msealctl check" is msealctl-check(1).
also_in_show = msealctl-check msealctl-list msealctl-probe
link-man-pages:
	page=`echo msealctl-show | sed '$(transform)'` && cd $(DESTDIR)$(man1dir) && \
	for name in `printf '%s\n' $(also_in_show) | sed '$(transform)'`; do \
		ln -sf $$page.1 $$name.1 || exit; \
	done
unlink-man-pages:
	for name in `printf '%s\n' $(also_in_show) | sed '$(transform)'`; do \
		rm -f $(DESTDIR)$(man1dir)/$$name.1; \
	done
