#!/usr/bin/env bash
# Runs the conformance suite of the Model Context Protocol, as it is, over the client and the
# server of this folder, and prints each scenario's result. Says loudly if it cannot be had.
#
#   cargo build -p mcp && mcp/conformance.sh target/debug target/software [--offline]
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$(realpath "$1")
suite=$(realpath -m "$2")/mcp

# Of the client's scenarios those without authorization and elicitation; of the server's those on
# its streams, and what they rest on.
client_scenarios=(initialize tools_call sse-retry)
server_scenarios=(server-initialize ping tools-list tools-call-with-logging tools-call-with-progress
    server-sse-polling server-sse-multiple-streams dns-rebinding-protection)

if [ "${3:-}" != --offline ]; then
    mkdir -p "$suite"
    cp mcp/package.json "$suite/"
    install=(timeout 300 npm install --prefix "$suite" --no-save --no-package-lock --no-audit --no-fund)
    {
        "${install[@]}" || true
        # The suite needs Node 22, which npm has too.
        node -e 'require("fs").globSync || process.exit(1)' || "${install[@]}" node@22.23.3 || true
    } >&2
fi

export PATH=$suite/node_modules/.bin:$PATH
if ! conformance --version > /dev/null 2>&1; then
    printf '\n*** the MCP conformance suite cannot be had: it is SKIPPED ***\n\n' >&2
    exit
fi

failed=0
log=$(mktemp)
run() {
    local outcome=
    timeout 60 conformance "$@" > "$log" 2>&1 || outcome='FAILED, '
    # The suite's own last line of numbers.
    echo "MCP $1, $3: $outcome$(grep '^Passed: ' "$log" | tail -1)"
    [ -z "$outcome" ] || { cat "$log"; failed=1; }
}

for scenario in "${client_scenarios[@]}"; do
    run client --scenario "$scenario" --command "$programs/mcp_client" --spec-version 2025-11-25
done

exec {printed}< <(exec "$programs/mcp_server" 127.0.0.1:0)
server=$!
trap 'kill $server; rm "$log"' EXIT
read -r url <&"$printed"
for scenario in "${server_scenarios[@]}"; do
    run server --scenario "$scenario" --url "$url"
done
exit "$failed"
