#!/usr/bin/env bash
# Instructions under callgrind: the same on every run, so they show what the clock on a shared machine
# cannot. One command, a minute or two:
#
#     benches/instructions.sh [--by-event] [DECODER...]   per event, on every corpus
#     benches/instructions.sh --grow [DECODER...]         by how much they grow with one long line
#
# A DECODER is a name from benches/peers/src/decoders.rs; without one it is "ours" (borrowed events).
# Try: benches/instructions.sh ours "ours, frames" "ours, owned" sse-core sse-stream
# Chunks hold 16 KiB, or with --by-event one event. CORPORA="openai tiny" limits the corpora.
# "target" is what "ours" is to stay below in chunks of 16 KiB; "over" marks where it does not.
set -euo pipefail
cd "$(dirname "$0")/peers"

# `rep movsb` counts once per byte under callgrind and costs far less on a CPU: glibc is not to use it.
export GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=1073741824
# CORPUS:INSTRUCTIONS, per event, or for one huge line per byte.
targets=(openai:360 anthropic:370 tiny:130 wikimedia:1500 multiline:4700 keep-alive:215 crlf:370 cr:370
    cjk:540 big:0.50/byte bad-utf8:1000 full:700)
size=131072 # Bytes of each corpus. The counts do not depend on it, the time this takes does.

mode=corpora chunk=16384
case ${1-} in
    --by-event) chunk=event && shift ;;
    --grow) mode=grow && shift ;;
esac
decoders=("$@")
[[ ${#decoders[@]} -gt 0 ]] || decoders=(ours)

cargo build --release --quiet --bin once
once=${CARGO_TARGET_DIR:-target}/release/once

# count STREAM DECODER SIZE CHUNK: sets collected, events and bytes, or fails if the decoder reads wrong.
count() {
    local said
    said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no \
        --toggle-collect='*measured_decode*' "$once" "$@" 2>&1)
    [[ $said != *wrong:* ]] || return 1
    collected=$(sed -n 's/.*Collected : //p' <<<"$said")
    read -r events bytes < <(grep -E '^[0-9]+ [0-9]+$' <<<"$said")
}

divide() { awk "BEGIN { printf \"%.$3f\", $1 / $2 }"; }

# row FIRST SECOND CELL...: a line of the table.
row() {
    printf '| %-10s | %13s |' "$1" "$2"
    shift 2
    printf ' %12s |' "$@"
}

rule() {
    printf '|------------|--------------:|'
    for _ in "$@"; do printf -- '-------------:|'; done
    echo
}

corpora() {
    local entry corpus target decoder cost cells over
    row corpus target "${decoders[@]}" && echo
    rule "${decoders[@]}"
    for entry in "${targets[@]}"; do
        corpus=${entry%%:*} target=${entry#*:} cells=() over=
        [[ " ${CORPORA-$corpus} " == *" $corpus "* ]] || continue
        for decoder in "${decoders[@]}"; do
            if ! count "$corpus" "$decoder" "$size" "$chunk"; then
                cost=wrong
            elif [[ $target == */byte ]]; then
                cost=$(divide "$collected" "$bytes" 2)
            else
                cost=$(divide "$collected" "$events" 0)
            fi
            cells+=("$cost")
            if [[ $decoder == ours && $chunk != event && $cost != wrong ]]; then
                over=$(awk "BEGIN { if ($cost > ${target%/byte}) print \" over\" }")
            fi
        done
        row "$corpus" "$target" "${cells[@]}" && echo "$over"
    done
}

# Sixteen times the bytes in one line are to take about sixteen times the instructions, whatever the
# chunks; a few more are copies by realloc, 256 would be quadratic.
grow() {
    local chunk decoder cells short
    row chunk "line" "${decoders[@]}" && echo
    rule "${decoders[@]}"
    for chunk in 1 64 1024 16384; do
        local longest=$((chunk == 1 ? 1 << 20 : 16 << 20))
        cells=()
        for decoder in "${decoders[@]}"; do
            count line "$decoder" $((longest / 16)) $chunk && short=$collected
            count line "$decoder" $longest $chunk
            cells+=("x$(divide "$collected" "$short" 2)")
        done
        row "$chunk" "x16 to $((longest >> 20)) MiB" "${cells[@]}" && echo
    done
}

$mode
