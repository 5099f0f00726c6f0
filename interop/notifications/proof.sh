#!/usr/bin/env bash
# Proves the notification service on loopback: bad input, many servers over Redis, the page.
#
#   proof.sh [EVENTS [KILLS]]     1000 and 4 unless given; the full proof is 20000 20
#
# It needs redis-server and nginx, and for the page node, npm and chromium, of Debian.
set -euo pipefail
cd "$(dirname "$0")"
unset CARGO_TARGET_DIR

cargo build --locked --tests
timeout 300 cargo test -q --locked --test proof -- bad
timeout 600 cargo test -q --locked --test proof -- many "${1:-1000}" "${2:-4}"
mkdir -p target/browser
[ -d target/browser/node_modules/playwright-core ] ||
    timeout 120 npm install --prefix target/browser --no-package-lock --no-audit --no-fund playwright-core
timeout 120 node tests/browser/proof.mjs
