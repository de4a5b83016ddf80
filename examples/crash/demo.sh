#!/bin/sh
# The crash example, start to end: measure two real models, then judge the same pair for two places.
# A verdict (exit code 0, 1 or 2) is an answer; anything else stops the script with that code.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
cd -- "$root"
nonet=${NONET_BIN:-build/cli/nonet}
out=${DEMO_OUT:-out}
budget=${DEMO_BUDGET:-12s} # of timing, for each place
predictions=examples/crash/predictions.parquet
shown=correctness.accuracy,correctness.auc,correctness.average_precision,correctness.balanced_accuracy
shown=$shown,correctness.prevalence,correctness.recall
shown=$shown,data.class_counts,data.imbalance_ratio,data.no_information_rate,data.group_by_class

if [ ! -x "$nonet" ]; then
  echo "demo.sh: $nonet is not there; run 'make' first (or set NONET_BIN)" >&2
  exit 69
fi

headline() {
  printf '\n== %s\n\n' "$1"
}

# Prints the command and runs it; leaves its exit code in $code and stops at anything above 2.
run() {
  printf '$ %s\n\n' "$*"
  code=0
  "$@" || code=$?
  if [ "$code" -gt 2 ]; then
    echo "demo.sh: that command stopped with exit code $code" >&2
    exit "$code"
  fi
}

mkdir -p "$out"

headline 'The data: 8,879 people in crashes of 2001-02, 371 of whom died; two models trained on 1997-2000'
headline '1. Measure the candidate (boosted trees) beside the baseline (logistic regression)'
run "$nonet" measure "$predictions" --label dead --score candidate --baseline-score baseline \
  --group sex,age_band --cluster case_id --only "$shown"
echo
echo "96 % right, and nearly every death missed: that is imbalance. (Without --only: every measure.)"

# The two models, a place; then the first screen of the report up to the line that begins with $2, and its notes on gates.
judge() {
  place=$1
  run "$nonet" check examples/crash/nonet.yaml --context "$place" --budget "$budget" --store "$out/nonet.db" \
    --json "$out/$place.json" --html "$out/$place.html" --quiet
  "$nonet" report "$out/$place.json" | sed -n -e "1,/^$2/{/^$2/!p;}" -e '/^Notes/,/^  2\./p'
}

# The verdict and its first reason, each on a line.
answer() {
  COLUMNS=400 NO_COLOR=1 "$nonet" report "$out/$1.json" | sed -n -e '1s/  .*//p' -e '/^  Nothing proven worse/d' -e '/^$/q' -e '2,$p' |
    sed 2q
}

headline '2. Judge: may the candidate replace the baseline in the dispatch centre, where a wrong answer can cost a life?'
judge safety-critical "nonet check"

headline '3. And in the unit in the car, where a late answer is no answer? The same two models, another order of priorities'
judge real-time "nonet check"

headline 'Two places, two judgements'
printf 'dispatch centre (safety-critical): '
answer safety-critical
printf 'unit in the car (real-time):       '
answer real-time
echo
echo "The page of each, to open in a browser: $out/safety-critical.html"
echo "                                        $out/real-time.html"
echo "The evidence behind them: $out/*.json; the runs kept: $nonet history --store $out/nonet.db"
