# SPDX-License-Identifier: MIT
# The front door; CMake does the work. `make help` lists what there is.

BUILD ?= build
PREFIX ?= /usr/local
CMAKE_FLAGS ?=

.PHONY: all scratchctl examples test test-vm limits bench install uninstall format tidy clean help

all: $(BUILD)/Makefile
	@cmake --build $(BUILD) --parallel 2

scratchctl: $(BUILD)/Makefile
	@cmake --build $(BUILD) --parallel 2 --target scratchctl

examples: $(BUILD)/Makefile
	@cmake --build $(BUILD) --parallel 2 --target scratchctl examples

$(BUILD)/Makefile:
	@cmake -S . -B $(BUILD) -G "Unix Makefiles" -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_FLAGS)

test: all
	@cd $(BUILD) && ctest --output-on-failure $(CTEST_FLAGS)

test-vm: all
	@cmake --build $(BUILD) --target test-vm

limits: all
	@cmake --build $(BUILD) --target limits

bench: all
	@cmake --build $(BUILD) --target bench

install: $(BUILD)/Makefile
	@cmake --build $(BUILD) --parallel 2 --target installable
	@cmake --install $(BUILD)
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

uninstall: $(BUILD)/Makefile
	@cmake --build $(BUILD) --target uninstall

SOURCES = $(shell git ls-files '*.c' '*.h')

format:
	@clang-format -i $(SOURCES)

tidy: all
	@printf '%s\n' $(filter-out tests/%,$(filter %.c,$(SOURCES))) | \
		xargs -n 8 -P $$(nproc) clang-tidy -p $(BUILD) --quiet

clean:
	@rm -rf $(BUILD)

help:
	@echo 'make            build the library, scratchctl and the tests in $(BUILD)/'
	@echo 'make scratchctl build no more than the command'
	@echo 'make examples   build the command and the programs of the tutorial'
	@echo 'make test       run all tests (root: all of them; others: what they may)'
	@echo 'make test-vm    the integration tests in virtual machines with cgroup v2 alone'
	@echo 'make limits     run into each limit, here and there: a table of what was measured'
	@echo 'make bench      compare with other programs that start containers'
	@echo 'make install    install below PREFIX ($(PREFIX)); make uninstall takes it back'
	@echo 'make format     format the sources; make tidy: look for mistakes'
	@echo 'make clean      remove $(BUILD)/'
