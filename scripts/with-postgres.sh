#!/bin/sh
# Runs a command beside a throwaway PostgreSQL, which is stopped and removed when the command ends.
#
#   scripts/with-postgres.sh cargo test
#
# The command finds in its environment
#   ROOST_TEST_POSTGRES_URL   a superuser's URL, under which tests make databases of their own
#   ROOST_TEST_POSTGRES_DIR   the cluster's folder, for tests that stop and start it
#
# The server listens on 127.0.0.1 only, on a random port, behind a random password. It does not
# flush to disk, which is many times faster, unless ROOST_TEST_POSTGRES_FSYNC=on. It counts what it
# is asked, for whoever creates the extension pg_stat_statements, if ROOST_TEST_POSTGRES_COUNT=on.
set -eu

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT]..." >&2
    exit 2
fi

bin=
for candidate in "$(pg_config --bindir 2>/dev/null || true)" \
    $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V -r) /usr/pgsql-*/bin /usr/local/bin /usr/bin; do
    if [ -x "$candidate/initdb" ] && [ -x "$candidate/pg_ctl" ]; then
        bin=$candidate
        break
    fi
done
if [ -z "$bin" ]; then
    echo "PostgreSQL 15 or newer is needed for the tests and was not found: install the package \`postgresql\`, or put initdb and pg_ctl on the path of pg_config." >&2
    exit 127
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/roost-postgres.XXXXXX")

# PostgreSQL refuses to run as root.
as=
if [ "$(id -u)" -eq 0 ]; then
    owner=nobody
    if id postgres >/dev/null 2>&1; then
        owner=postgres
    fi
    chown "$owner" "$dir"
    as="runuser -u $owner --"
fi

started=
finish() {
    status=$?
    trap '' INT TERM HUP
    if [ -n "$started" ]; then
        (cd "$dir" && $as "$bin/pg_ctl" stop -s -D "$dir/data" -m immediate -t 30) >/dev/null 2>&1 || true
    fi
    rm -rf "$dir"
    exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$dir/password"
chmod 644 "$dir/password"
cd "$dir"

if ! $as "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" --auth=password \
    --encoding=UTF8 --locale=C --no-sync --no-instructions >"$dir/initdb.log" 2>&1; then
    echo "initdb failed:" >&2
    cat "$dir/initdb.log" >&2
    exit 1
fi

if [ "${ROOST_TEST_POSTGRES_FSYNC:-off}" = on ]; then
    durability="fsync = on"
else
    durability="fsync = off
full_page_writes = off"
fi
counting=
if [ "${ROOST_TEST_POSTGRES_COUNT:-off}" = on ]; then
    counting="shared_preload_libraries = 'pg_stat_statements'"
fi
cat >>"$dir/data/postgresql.conf" <<SETTINGS
$durability
$counting
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 64MB
max_wal_size = 256MB
SETTINGS

# Somebody else may take the port between choosing and binding it.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    if $as "$bin/pg_ctl" start -s -w -t 60 -D "$dir/data" -l "$dir/data/server.log" -o "-p $port" >/dev/null 2>&1; then
        started=yes
        # So that whoever stops and starts it finds it in the same place.
        echo "port = $port" >>"$dir/data/postgresql.conf"
        break
    fi
done
if [ -z "$started" ]; then
    echo "PostgreSQL did not start:" >&2
    tail -n 20 "$dir/data/server.log" >&2
    exit 1
fi

export ROOST_TEST_POSTGRES_URL="postgres://postgres:$password@127.0.0.1:$port/postgres"
export ROOST_TEST_POSTGRES_DIR="$dir"
cd "$OLDPWD"
"$@"
