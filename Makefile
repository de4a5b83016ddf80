# Each target is one call of a tool; the tools explain themselves. `make demo` and `make test` do all set-up first.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?=
MESON_FLAGS ?=
FUZZ_SECONDS ?= 600
FUZZ ?=
SANITIZERS ?=
NINJA = ninja -C $(BUILD) $(if $(JOBS),-j $(JOBS))

.PHONY: all setup build demo test test-long bench bench-peers bench-memory fuzz lint format sanitize install clean

all: build

setup:
	@tools/setup

$(BUILD)/build.ninja: | setup
	@meson setup $(BUILD) --prefix $(PREFIX) $(MESON_FLAGS) >/dev/null || { tail -n 20 $(BUILD)/meson-logs/meson-log.txt >&2; exit 1; }

build: setup $(BUILD)/build.ninja
	@$(NINJA)

demo: build
	@NONET_BIN=$(BUILD)/cli/nonet examples/crash/demo.sh

test: build
	@tools/run_tests.py $(BUILD)

test-long: build
	@tools/setup long
	@tools/run_tests.py $(BUILD) --long

bench: build
	@tools/bench $(BUILD)

bench-peers: build
	@tools/setup peers
	@tools/bench $(BUILD) --peers

bench-memory: build
	@tools/setup peers
	@NONET_BUILD=$(BUILD) .venv-peers/bin/python bench/memory_measure.py

fuzz: setup
	@tools/fuzz $(FUZZ_SECONDS) $(FUZZ)

lint: setup
	@tools/lint

format: setup
	@tools/format

sanitize: setup
	@tools/sanitize $(SANITIZERS)

install: build
	@meson configure $(BUILD) -Dprefix=$(PREFIX) -Dstatic_library=true
	@meson install -C $(BUILD) --quiet $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))

clean:
	rm -rf build build-* out
