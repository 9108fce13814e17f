#!/usr/bin/env bash
# Fuzzes the decoders of `realtime` with libFuzzer, guided by coverage, one after the other or those
# named, each for FUZZ_SECONDS. Stable Rust will do; `cargo fuzz run TARGET` works as well, with
# nightly. What is found of interest stays in the target folder; `--minimise` then puts what adds
# coverage into the corpus, and what breaks a promise is named at the end of the run.
set -euo pipefail
cd "$(dirname "$0")/../backend/crates/realtime/fuzz"

minimise=
if [ "${1:-}" = --minimise ]; then
    minimise=1
    shift
fi
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for program in fuzz_targets/*.rs; do
        targets+=("$(basename "$program" .rs)")
    done
fi

# What `cargo fuzz` asks of the compiler, but for the address sanitizer: there is no unsafe code.
export RUSTFLAGS="-Cpasses=sancov-module -Ccodegen-units=1 -Cdebug-assertions=on -Coverflow-checks=on \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
# Named, so that build scripts and macros, which run in the compiler, are left as they are.
host=$(rustc -vV | sed -n 's/^host: //p')
built=${CARGO_TARGET_DIR:-target}
cargo build --release --target "$host" --target-dir "$built"

for target in "${targets[@]}"; do
    program=$built/$host/release/$target
    found=$built/corpus/$target
    mkdir -p "$found"
    if [ -n "$minimise" ]; then
        # As little as covers all that is covered, how often something runs aside.
        "$program" -set_cover_merge=1 -use_counters=0 -max_len=512 "corpus/$target" "$found"
    else
        "$program" -max_total_time="${FUZZ_SECONDS:-60}" -max_len=4096 -timeout=5 -print_final_stats=1 \
            -artifact_prefix="$built/$target-" "$found" "corpus/$target"
    fi
done
