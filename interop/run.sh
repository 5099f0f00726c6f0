#!/usr/bin/env bash
# Installs the software of others, runs all of the interoperability tests against it on
# loopback, and writes RESULTS.md. What cannot be installed skips its rows, loudly.
#
#   interop/run.sh             install what is missing, run
#   interop/run.sh --offline   run with what is there
set -euo pipefail
cd "$(dirname "$0")"
. ./debian.sh

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
software=$target/software
mkdir -p "$software"

skip() {
    printf '\n*** %s cannot be had: what needs it is SKIPPED ***\n\n' "$1" >&2
}

need() {
    debian "$@" || skip "Debian's $2"
}

if [ "${1:-}" != --offline ]; then
    {
        need chromium chromium
        need /usr/sbin/nginx nginx-light
        need openssl openssl
        need node nodejs
        need npm npm
        need javac default-jdk-headless
        need /usr/share/java/spring3-web.jar libspring-web-java
        need /usr/share/java/spring3-web.servlet.jar libspring-web-servlet-java
        need /usr/share/java/jetty9-servlet.jar libjetty9-java
        cp readers/package.json "$software/"
        timeout 300 npm install --engine-strict --prefix "$software" --no-package-lock --no-audit --no-fund || skip "what npm installs"
        [ -x "$software/python/bin/pip" ] || python3 -m venv "$software/python" ||
            { need /none python3-venv && python3 -m venv --clear "$software/python"; } || skip "Python's venv"
        timeout 300 "$software/python/bin/python" -m pip install -q -r readers/requirements.txt || skip "what pip installs"
    } >&2
fi

# Node looks for what npm installed beside the programs, so they are reached from there.
ln -sfn "$PWD/readers" "$PWD/writers" "$software/"

cargo build --locked
cargo test -q --locked
mcp/conformance.sh "$target/debug" "$software" "${1:-}"

# The notification service proves itself: it is a workspace of its own.
notifications/proof.sh ${1:+"$1"} 20000 20

exec timeout 900 "$target/debug/harness" "$software"
