#!/usr/bin/env bash
# Fuzzes each target for so long: fuzz/run.sh SECONDS [TARGET…]
#
# Prints the executions and the coverage of each; fails on the first crash, which
# is then in fuzz/artifacts. Inputs that reach new code are kept under the
# target directory; fuzz/minimise.sh takes it over into the corpus.
#
# Without a sanitizer, for the crate has no unsafe code and runs several times as
# often so; SANITIZER=address looks at the dependencies' too.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET…]}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(decode limits roundtrip encode_pieces client)
sanitizer=${SANITIZER:-none}

cargo fuzz --version > /dev/null 2>&1 || cargo install cargo-fuzz --locked || cargo install cargo-fuzz --locked

target_dir=${CARGO_TARGET_DIR:-fuzz/target}
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
cargo +nightly fuzz build --sanitizer "$sanitizer"
for target in "${targets[@]}"; do
    found=$target_dir/found/$target artifacts=fuzz/artifacts/$target log=$logs/$target
    mkdir -p "$found" "$artifacts"
    if ! "$target_dir/$host/release/$target" "$found" "fuzz/corpus/$target" \
        -max_total_time="$seconds" -max_len=4096 -timeout=20 -dict=fuzz/sse.dict \
        -artifact_prefix="$artifacts/" -print_final_stats=1 > "$log" 2>&1; then
        tail -n 60 "$log"
        echo "$target: failed"
        exit 1
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$log" | tail -n 1)
    echo "$target: $executions executions in $seconds s, $coverage"
done
