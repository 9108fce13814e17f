#!/usr/bin/env bash
# Measures a fresh server on an empty directory with the project's own load test, and looks whether
# what it stored is sound. Arguments are handed to `roost loadtest`; ROOST_BIN names the program,
# ROOST_DATABASE_URL another database.
set -euo pipefail
cd "$(dirname "$0")/.."

roost=${ROOST_BIN:-target/release/roost}
# A connection is an open file on either side.
ulimit -n "$(ulimit -H -n)"

dir=$(mktemp -d)
mkfifo "$dir/said"
ROOST_LIMITS=off ROOST_LOG=warn "$roost" serve --listen 127.0.0.1:0 --data-dir "$dir/data" >"$dir/said" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"' EXIT

# The server says where it is as soon as it can be reached; the descriptor stays open for it.
exec 3<"$dir/said"
IFS= read -r greeting <&3 || { echo "The server did not start." >&2; exit 1; }
url=${greeting#Roost is at }
"$roost" loadtest --url "${url%% *}" --pid "$server" "$@"
"$roost" audit --data-dir "$dir/data" >&2
