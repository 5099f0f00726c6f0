#!/usr/bin/env bash
# Takes over into fuzz/corpus what fuzz/run.sh has found, as few and as small files as
# reach the same code: fuzz/minimise.sh [TARGET…]
#
# Counts which edges are reached, not how often: a corpus to replay, not to fuzz from.
# Files with a name of their own, not libFuzzer's hash, are bugs of the past and stay.
set -euo pipefail
cd "$(dirname "$0")/.."

targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(decode limits roundtrip encode_pieces client)
target_dir=${CARGO_TARGET_DIR:-fuzz/target}
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
merged=$(mktemp -d)
trap 'rm -rf "$merged"' EXIT
cargo +nightly fuzz build --sanitizer none
for target in "${targets[@]}"; do
    corpus=fuzz/corpus/$target
    mkdir -p "$merged/$target" "$target_dir/found/$target"
    "$target_dir/$host/release/$target" -set_cover_merge=1 -use_counters=0 -max_len=1000 \
        "$merged/$target" "$corpus" "$target_dir/found/$target" 2> /dev/null
    find "$corpus" -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
    cp -n "$merged/$target"/* "$corpus"
    echo "$target: $(find "$corpus" -type f | wc -l) files, $(cat "$corpus"/* | wc -c) bytes"
done
