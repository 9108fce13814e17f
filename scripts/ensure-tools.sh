#!/usr/bin/env bash
# Sees to it that what the tests need beside Rust and Node is there: PostgreSQL, Redis,
# Chromium, and Python with venv. Installs what is missing with apt where it may, else says what to install.
set -euo pipefail

has_postgres() {
    local bin
    for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin /usr/local/bin /usr/bin; do
        [ -x "$bin/initdb" ] && return 0
    done
    return 1
}

has_redis() {
    command -v redis-server >/dev/null || [ -x /usr/bin/redis-server ]
}

has_chromium() {
    [ -x "${CHROMIUM:-/usr/bin/chromium}" ]
}

has_venv() {
    python3 -c 'import ensurepip, venv' 2>/dev/null
}

missing() {
    has_postgres || echo postgresql
    has_redis || echo redis-server
    has_chromium || echo chromium
    has_venv || echo python3-venv
}

mapfile -t packages < <(missing)
[ ${#packages[@]} -eq 0 ] && exit 0

root=()
if [ "$(id -u)" -ne 0 ]; then
    root=(sudo -n)
fi
if ! command -v apt-get >/dev/null || ! "${root[@]}" true 2>/dev/null; then
    echo "The tests need these packages, which could not be installed here: ${packages[*]}" >&2
    exit 1
fi

echo "Installing what the tests need: ${packages[*]}"
install() {
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends "${packages[@]}"
}
# The lists of packages may be missing or too old to find them.
install >/dev/null 2>&1 || { "${root[@]}" apt-get update --quiet; install; }

mapfile -t packages < <(missing)
if [ ${#packages[@]} -ne 0 ]; then
    echo "Still missing after installing: ${packages[*]}" >&2
    exit 1
fi
