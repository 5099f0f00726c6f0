#!/usr/bin/env bash
# Proves the notification service on loopback: bad input, slow readers, Redis away, many
# servers behind nginx, and the page in Chromium.
#
#   proof.sh [--offline] [EVENTS [KILLS]]     1000 and 4 unless given; the full proof is 20000 20
#
# It installs what is missing: Debian's redis-server, nginx-light, chromium, nodejs and npm,
# and npm's playwright-core below target/. Proofs that need what cannot be installed are
# skipped, loudly. With --offline nothing is installed.
set -euo pipefail
cd "$(dirname "$0")"
. ../debian.sh
# The browser's scripts look for the program here.
unset CARGO_TARGET_DIR

offline=
if [ "${1:-}" = --offline ]; then
    offline=1
    shift
fi
events=${1:-1000} kills=${2:-4}

skip() {
    printf '\n*** %s cannot be had: %s SKIPPED ***\n\n' "$1" "$2" >&2
}

playwright=target/browser/node_modules/playwright-core
mkdir -p target/browser
if [ -z "$offline" ]; then
    debian redis-server redis-server || true
    debian /usr/sbin/nginx nginx-light || true
    debian /usr/bin/chromium chromium || true
    debian node nodejs || true
    debian npm npm || true
    [ -d "$playwright" ] ||
        timeout 300 npm install --prefix target/browser --no-package-lock --no-audit --no-fund \
            playwright-core >&2 || true
fi

cargo build --locked --tests
proof() {
    timeout 600 cargo test -q --locked --test proof -- "$@"
}

proof bad
proof alone
page=
if there /usr/bin/chromium && there node && [ -d "$playwright" ]; then
    page=page
    timeout 120 node tests/browser/proof.mjs
else
    skip "Chromium, Node or playwright-core" "the page in a browser is"
fi
if there redis-server; then
    proof away
else
    skip redis-server "Redis away, and many servers, are"
fi
if there redis-server && there /usr/sbin/nginx; then
    proof many "$events" "$kills" $page
else
    skip "redis-server or nginx" "many servers behind nginx are"
fi
