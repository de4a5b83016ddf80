#!/bin/sh
# The crash example, start to end: measure two real models, compare them, keep the evidence.
# A verdict (exit code 0, 1 or 2) is an answer; anything else stops the script with that code.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
cd -- "$root"
nonet=${NONET_BIN:-build/cli/nonet}
predictions=examples/crash/predictions.parquet

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

mkdir -p out

headline 'The data: 8,879 people in crashes of 2001-02, 371 of whom died; two models trained on 1997-2000'
headline '1. Measure the candidate (boosted trees) beside the baseline (logistic regression)'
run "$nonet" measure "$predictions" --label dead --score candidate --baseline-score baseline \
  --group sex,age_band --cluster case_id
echo
echo "Look at recall beside accuracy: 96 % right, and nearly every death missed. That is imbalance."

headline '2. The same run as evidence, for scripts, reports and the record'
run "$nonet" measure "$predictions" --label dead --score candidate --baseline-score baseline \
  --group sex,age_band --cluster case_id --quiet --json out/crash.json
if [ "$code" -ne 0 ]; then
  echo "demo.sh: measure ended with $code where 0 was expected" >&2
  exit 70
fi

headline '3. Compare: may the candidate replace the baseline?'
run "$nonet" compare "$predictions" --label dead --score candidate --baseline-score baseline \
  --cluster case_id --context general --json out/crash-compare.json
case $code in
  0) verdict='PASS (or nothing to judge)' ;;
  1) verdict='FAIL' ;;
  *) verdict='INCONCLUSIVE' ;;
esac
printf '\nExit code %s: %s\n' "$code" "$verdict"

headline 'Where things are'
echo "evidence of the measuring:  out/crash.json"
echo "evidence of the comparison: out/crash-compare.json"
echo "how the models were made:   examples/crash/train.py"
