#!/usr/bin/env bash
# Writes again what is made from the code. With --check it fails when that changed anything, so
# that what is committed is never stale.
set -euo pipefail
cd "$(dirname "$0")/.."

made=(docs/protocol/openapi.json docs/operations/configuration.md frontend/src/protocol/generated.ts)
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
for file in "${made[@]}"; do
    mkdir -p "$before/$(dirname "$file")" "$(dirname "$file")"
    cp "$file" "$before/$file" 2>/dev/null || true
done

# A program that is built already, or the one that is built now.
roost=${ROOST_BIN:-}
if [ -z "$roost" ]; then
    cargo build --quiet --workspace --bins
    roost=${CARGO_TARGET_DIR:-target}/debug/roost
fi
# Through a copy, so that a failure leaves what was there.
"$roost" openapi >"$before/new"
cp "$before/new" docs/protocol/openapi.json
"$roost" config --markdown >"$before/new"
cp "$before/new" docs/operations/configuration.md
(cd frontend && npm run --silent codegen >/dev/null)

if [ "${1:-}" = --check ]; then
    stale=0
    for file in "${made[@]}"; do
        diff --unified "$before/$file" "$file" || stale=1
    done
    if [ "$stale" -ne 0 ]; then
        echo "Generated files were stale. They are written again now: look at them and commit them." >&2
        exit 1
    fi
fi
