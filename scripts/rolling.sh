#!/usr/bin/env bash
# Starts three nodes on a PostgreSQL and a Redis of its own, puts the project's load test on all of
# them, and starts one after the other again meanwhile. The report says what arrived, and for how long
# clients were without a connection. Arguments are handed to `roost loadtest`; ROOST_BIN names the
# program.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${ROOST_TEST_POSTGRES_URL:-}" ]; then
    # Flushing as in production.
    ROOST_TEST_POSTGRES_FSYNC=on exec scripts/with-postgres.sh scripts/rolling.sh "$@"
fi

roost=${ROOST_BIN:-target/release/roost}
# A connection is an open file on either side.
ulimit -n "$(ulimit -H -n)"

dir=$(mktemp -d)
nodes=()
load=
redis=
finish() {
    # Redis last, or the nodes say that they miss it.
    kill ${load:+"$load"} "${nodes[@]}" 2>/dev/null || true
    wait ${load:+"$load"} "${nodes[@]}" 2>/dev/null || true
    kill ${redis:+"$redis"} 2>/dev/null || true
    wait
    rm -rf "$dir"
}
trap finish EXIT

# Somebody else may take the port between choosing and binding it.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    redis_port=$((20000 + RANDOM % 10000))
    redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --dir "$dir" >"$dir/redis.log" &
    redis=$!
    until grep -q 'Ready to accept' "$dir/redis.log" || ! kill -0 "$redis" 2>/dev/null; do
        sleep 0.1
    done
    kill -0 "$redis" 2>/dev/null && break
done
kill -0 "$redis" 2>/dev/null || { echo "Redis did not start." >&2; exit 1; }

# start NODE ADDRESS: starts a node and notes its process and where it is.
urls=()
start() {
    rm -f "$dir/said"
    mkfifo "$dir/said"
    ROOST_LIMITS=off ROOST_LOG="${ROOST_LOG:-warn}" "$roost" serve --listen "$2" \
        --data-dir "$dir/data$1" --database-url "$ROOST_TEST_POSTGRES_URL" \
        --redis-url "redis://127.0.0.1:$redis_port" >"$dir/said" &
    nodes[$1]=$!
    local greeting
    IFS= read -r greeting <"$dir/said" || { echo "Node $1 did not start." >&2; exit 1; }
    greeting=${greeting#Roost is at }
    urls[$1]=${greeting%% *}
}

for node in 0 1 2; do
    start "$node" 127.0.0.1:0
done

# One machine carries the nodes, their database and all clients: a rate that leaves room for those who
# come back, unless another one is asked for.
rate=(--rate 50)
case " $* " in *" --rate "* | *" --saturate "*) rate=() ;; esac
"$roost" loadtest --reconnect --duration 40s "${rate[@]}" \
    --url "${urls[0]}" --url "${urls[1]}" --url "${urls[2]}" "$@" 2>"$dir/progress" &
load=$!
until grep -q '^sending' "$dir/progress"; do
    kill -0 "$load" 2>/dev/null || { cat "$dir/progress" >&2; exit 1; }
    sleep 0.2
done

for node in 0 1 2; do
    echo "Node $node is asked to stop."
    began=$EPOCHREALTIME
    kill -TERM "${nodes[$node]}"
    wait "${nodes[$node]}"
    start "$node" "${urls[$node]#http://}"
    "$roost" health --url "${urls[$node]}" >/dev/null
    echo "Node $node is back after $(((${EPOCHREALTIME/./} - ${began/./}) / 1000)) ms."
    # The next one only when everybody has settled, as whoever rolls out an update would.
    sleep 2
done
wait "$load"
