# What one types here. `make run` needs Rust, Node, a C compiler and make, and nothing else;
# `make test` and `make check` also what scripts/ensure-tools.sh sees to.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.PHONY: run build dev test check codegen fmt bench load fuzz tools \
	check-format check-lints check-client check-generated test-server test-client test-browser

target := $(abspath $(or $(CARGO_TARGET_DIR),target))
roost := $(target)/release/roost
npm-ci := npm ci --ignore-scripts --no-audit --no-fund

# The client is built again when a file it is made of is newer than the last build.
client-files := $(shell find frontend/src frontend/public frontend/scripts -type f 2>/dev/null) \
	$(wildcard frontend/*.html frontend/*.ts frontend/*.json)

## Build everything and start a server on this machine, kept in ./data.
run: frontend/dist/index.html
	cargo run --release --package roost

## The release binary, with the web client inside: target/release/roost.
build: frontend/dist/index.html
	cargo build --release --package roost

## A development server beside Vite, which reloads the client at every change, on port 5173.
dev: frontend/node_modules/.package-lock.json
	trap 'kill 0' EXIT; cargo run --package roost & cd frontend && npm run dev

## Every test there is, on a PostgreSQL of its own.
test: tools frontend/dist/index.html test-server test-client test-browser

## What continuous integration runs.
check: tools frontend/dist/index.html check-format check-lints check-generated check-client test

## Write again what is made from the code: the OpenAPI document, the client's types, the settings page.
codegen: frontend/node_modules/.package-lock.json
	scripts/codegen.sh

fmt: frontend/node_modules/.package-lock.json
	cargo fmt --all
	cd frontend && npm run --silent format

## This server, its engine alone, the least a server could do and one in Node.js, in turn, five rounds:
## make bench ARGS="--only paced10k,saturated --subjects floor,engine --rounds 1"
bench: build backend/crates/bench/node-peer/node_modules/.package-lock.json
	cargo run --release --package bench -- $(ARGS)

## 1,000 clients in 20 rooms, 200 messages a second; fails when a delivery is missing.
load: build
	ROOST_BIN="$(roost)" scripts/load.sh

## A minute of libFuzzer for each decoder that reads what a peer sent; FUZZ_SECONDS says how long.
fuzz:
	scripts/fuzz.sh

tools:
	@scripts/ensure-tools.sh

check-format:
	cargo fmt --all --check

check-lints:
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --package roost --features otel,planted --all-targets -- -D warnings
	cargo clippy --package realtime --features models,fuzzing --all-targets -- -D warnings

check-client: frontend/node_modules/.package-lock.json
	cd frontend && npm run --silent check

# One build for this and all that is tested. Built alone, the program would be made of other
# builds of most crates: what only tests need switches on features of them.
check-generated: frontend/node_modules/.package-lock.json
	cargo test --workspace --no-run
	ROOST_BIN="$(target)/debug/roost" scripts/codegen.sh --check

# Most of these tests wait for somebody, so more of them run at once than there are cores.
test-server: export RUST_TEST_THREADS := 8
test-server:
	scripts/with-postgres.sh cargo test --workspace
	cargo test --workspace --features roost/otel --test traces
	cargo test --package realtime --features models --lib models::

test-client: frontend/node_modules/.package-lock.json
	cd frontend && npm test

# The program the other tests were built with, which reads the client from the disk.
test-browser: frontend/dist/index.html
	cargo test --workspace --no-run
	cd frontend && ROOST_BIN="$(target)/debug/roost" npm run --silent e2e

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(client-files)
	cd frontend && npm run --silent build

%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	cd $* && $(npm-ci)
	touch $@
