#!/usr/bin/env bash
# Runs the quickstart's experiments one after the other and prints their table.
#
#   experiments/quickstart/run.sh                 all runs that are not done yet, then the table
#   experiments/quickstart/run.sh summary-seed1 … only these
#   experiments/quickstart/run.sh table [FILE…]   only the table, of results/*.json or of the files given
#
# A run that was interrupted goes on from its last checkpoint; a run with a result is left alone.
# AGENTRL_RUNS (default: runs) is the folder of the runs.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
source experiments/common.sh

# settings NAME: what a run changes in configs/quickstart.yaml, as arguments, one a line.
settings() {
  local context="${1%-seed*}" seed="${1##*-seed}"
  printf '%s\n' --set "seed=$seed"
  if [[ "$context" != summary ]]; then printf '%s\n' --set "context.strategy=$context" --set 'evaluation.contexts=[]'; fi
  if [[ "$context" == full ]]; then printf '%s\n' --set 'evaluation.rounds=[4]'; fi # no summaries: rounds change nothing
}

run_one() {
  local name="$1" arguments
  mapfile -t arguments < <(settings "$name")
  train_once "$name" configs/quickstart.yaml "${arguments[@]}"
  if [[ "$name" == summary-* ]]; then
    # Tasks from 10,000 on were looked at by nobody while the configuration was made.
    agentrl eval "$folder" --rounds 4,16 --episodes 200 --first-task 10000
    mkdir -p "$here/results/unseen"
    cp "$folder"/evaluations/*_from-10000.json "$here/results/unseen/$name.json"
  fi
}

experiment "summary-seed1 summary-seed2 summary-seed3 full-seed1 blank_summary-seed1" "$@"
