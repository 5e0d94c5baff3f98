# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The msealctl developers

report_sources = \
	%D%/columns.c \
	%D%/columns.h \
	%D%/hazards.c \
	%D%/hazards.h \
	%D%/map.c \
	%D%/map.h \
	%D%/order.c \
	%D%/order.h \
	%D%/region-report.c \
	%D%/region-report.h \
	%D%/report.c \
	%D%/report.h \
	%D%/smartcols.c \
	%D%/smartcols.h
