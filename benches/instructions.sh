#!/usr/bin/env bash
# Counts instructions with callgrind. The counts are the same on every run, so they show what the clock
# on a shared machine cannot. It needs valgrind, and a minute or two for a shape.
#
#     benches/instructions.sh [CORPORA [SHAPES [DECODER...]]]   instructions per event
#     benches/instructions.sh --grow [DECODER...]               how they grow with one long line
#
# CORPORA and SHAPES are lists of words in quotes, or "all":
#
#     benches/instructions.sh nospace event
#     benches/instructions.sh "openai mixed" "16k 1460" ours EventStream sse-core
#
# Without arguments it counts all corpora in chunks of 16 KiB. The shapes and the decoders are those of
# benches/peers (src/feed.rs, src/decoders/mod.rs); without a DECODER it counts "ours", which borrows.
# "target" is the count that "ours" is to stay below in chunks of 16 KiB; "over" marks where it does not.
set -euo pipefail
cd "$(dirname "$0")/peers"

# `rep movsb` counts once per byte under callgrind and costs far less on a CPU, so glibc is told not to
# use it.
export GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=1073741824
# CORPUS:TARGET, per event, or per byte of one huge line. `nospace` has the target of `openai`: the
# same events in another spelling. `mixed` has none: nearly all of its instructions are its large events'.
targets=(openai:470 nospace:470 anthropic:480 tiny:220 wikimedia:1950 multiline:3800 mixed:–
    keep-alive:320 crlf:490 cr:490 cjk:800 big:0.55/byte bad-utf8:1000 full:1000)
shapes=(16k 1460 event 64 1)
size=262144 # Bytes of each corpus. It has the large events of `mixed` twice.

cargo build --release --quiet --bin once
once=${CARGO_TARGET_DIR:-target}/release/once

# count STREAM DECODER SIZE SHAPE: sets collected, events and bytes, or fails if the decoder reads wrong.
count() {
    local said
    said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no \
        --toggle-collect='*measured_decode*' "$once" "$@" 2>&1)
    [[ $said != *wrong:* ]] || return 1
    collected=$(sed -n 's/.*Collected : //p' <<<"$said")
    read -r events bytes < <(grep -E '^[0-9]+ [0-9]+$' <<<"$said")
}

divide() { awk "BEGIN { printf \"%.$3f\", $1 / $2 }"; }

# row FIRST SECOND THIRD CELL...: a line of the table.
row() {
    printf '| %-10s | %5s | %14s |' "$1" "$2" "$3"
    shift 3
    printf ' %12s |' "$@"
}

rule() {
    printf '|------------|------:|---------------:|'
    for _ in "$@"; do printf -- '-------------:|'; done
    echo
}

# per_event CORPORA SHAPES DECODER...
per_event() {
    local corpora=$1 entry corpus target shape decoder cost cells over
    [[ $2 == all ]] || read -ra shapes <<<"$2"
    shift 2
    row corpus shape target "$@" && echo
    rule "$@"
    for entry in "${targets[@]}"; do
        corpus=${entry%%:*}
        [[ $corpora == all || " $corpora " == *" $corpus "* ]] || continue
        for shape in "${shapes[@]}"; do
            target=${entry#*:} cells=() over=
            [[ $shape == 16k ]] || target=–
            for decoder in "$@"; do
                if ! count "$corpus" "$decoder" "$size" "$shape"; then
                    cost=wrong
                elif [[ $entry == */byte ]]; then
                    cost=$(divide "$collected" "$bytes" 2)
                else
                    cost=$(divide "$collected" "$events" 0)
                fi
                cells+=("$cost")
                if [[ $decoder == ours && $target != – && $cost != wrong ]]; then
                    over=$(awk "BEGIN { if ($cost > ${target%/byte}) print \" over\" }")
                fi
            done
            row "$corpus" "$shape" "$target" "${cells[@]}" && echo "$over"
        done
    done
}

# grow DECODER...: sixteen times the bytes in one line are to take about sixteen times the instructions,
# whatever the chunks. A few more are copies by realloc; 256 would be quadratic.
grow() {
    local chunk decoder cells short longest
    row "" chunk line "$@" && echo
    rule "$@"
    for chunk in 1 64 1024 16384; do
        longest=$((chunk == 1 ? 1 << 20 : 16 << 20))
        cells=()
        for decoder in "$@"; do
            count line "$decoder" $((longest / 16)) $chunk && short=$collected
            count line "$decoder" $longest $chunk
            cells+=("x$(divide "$collected" "$short" 2)")
        done
        row "" $chunk "x16 to $((longest >> 20)) MiB" "${cells[@]}" && echo
    done
}

if [[ ${1-} == --grow ]]; then
    shift
    [[ $# -gt 0 ]] || set -- ours
    grow "$@"
else
    corpora=${1-all} chosen=${2-16k}
    shift $(($# < 2 ? $# : 2))
    [[ $# -gt 0 ]] || set -- ours
    per_event "$corpora" "$chosen" "$@"
fi
