#!/usr/bin/env bash
# Shows that `roost verify` finds what it is for: builds a server with faults planted on purpose, and
# has each of them found. Prints what was found, and after how long.
#
#   scripts/planted.sh              all of them, and the same build without any
#   scripts/planted.sh drop-on-lag  this one
set -euo pipefail
cd "$(dirname "$0")/.."

all=(skip-repeat-detection publish-before-commit drop-on-lag forget-a-backfill number-with-gaps hear-after-removal none)
# A fault that waits for an unlucky moment may need more than one run.
seeds=(1 2 3 4 5)

cargo build --quiet --package roost --features planted
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
report=$folder/report
# Moved away, so that nobody else comes upon it; the next build puts its own in the place.
mv "${CARGO_TARGET_DIR:-target}/debug/roost" "$folder/roost"

verify() {
    ROOST_PLANTED=$1 "$folder/roost" verify --seed "$2" --duration 45s >"$report" 2>"$folder/told"
}

missed=0
for fault in "${@:-${all[@]}}"; do
    begun=$SECONDS
    verdict=missed
    for seed in "${seeds[@]}"; do
        if verify "$fault" "$seed"; then
            [ "$fault" = none ] && verdict="nothing to find" && break
            continue
        fi
        # Whatever else ended the run is not what it was for.
        grep -q VIOLATED "$report" && verdict=found && break
        echo "the run itself failed:" >&2
        cat "$folder/told" "$report" >&2
        break
    done
    printf '%-24s %-16s %4d s, seed %s\n' "$fault" "$verdict" $((SECONDS - begun)) "$seed"
    if [ "$verdict" = found ]; then
        sed -n 's/^ *\(.*\): VIOLATED \(.*\)$/    not held: \1 (\2)/p' "$report"
        [ "$fault" = none ] && missed=1
    elif [ "$verdict" = missed ]; then
        missed=1
    fi
done
exit "$missed"
