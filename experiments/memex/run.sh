#!/usr/bin/env bash
# Runs the experiments on indexed memory one after the other and prints their table.
#
#   experiments/memex/run.sh                  all runs that are not done yet, then the table
#   experiments/memex/run.sh indexed-seed1 …  only these
#   experiments/memex/run.sh table [FILE…]    only the table, of results/*.json or of the files given
#
# A run that was interrupted goes on from its last checkpoint; a run with a result is left alone.
# AGENTRL_RUNS (default: runs) is the folder of the runs.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
source experiments/common.sh

# The caps of the bound, and ten times the turns of training.
caps=(--set context.memory.max_block_tokens=64 --set context.memory.max_resident_blocks=4 --set context.max_turns=800)

run_one() {
  local name="$1" context="${1%-seed*}" seed="${1##*-seed}"
  local arguments=(--set "seed=$seed")
  case "$context" in
    quick) train_once "$name" configs/memex-quick.yaml "${arguments[@]}" ;;
    adamw) train_once "$name" configs/memex-household.yaml "${arguments[@]}" --set warm_start.optimizer=adamw --set training.steps=0 ;;
    indexed) train_once "$name" configs/memex-household.yaml "${arguments[@]}" ;;
    *) train_once "$name" configs/memex-household.yaml "${arguments[@]}" --set "context.strategy=$context" ;;
  esac
  mkdir -p "$here/results/unseen" "$here/results/bound" "$here/results/plots"
  # Tasks from 10,000 on were looked at by nobody while the configuration was made.
  agentrl eval "$folder" --split eval --episodes 200 --first-task 10000
  cp "$folder"/evaluations/*_from-10000.json "$here/results/unseen/$name.json"
  cp "$folder/plots/memory.png" "$here/results/plots/$name.png" 2>/dev/null || true
  if [[ "$context" == indexed ]]; then
    agentrl eval "$folder" --split long --episodes 100 --rounds 200 "${caps[@]}"
    cp "$folder"/evaluations/*max_turns-800.json "$here/results/bound/$name.json"
  fi
}

# memory_table FILE…: what the memory did, after the warm start → at the end, a row a run.
memory_table() {
  awk '
    function shown(x, digits) { return x == "" || x == "null" ? "–" : sprintf("%." digits "f", x) }
    function pair(key, scale, digits,   a, b) {
      a = top[key "_after_warm_start"]; b = top[key]
      return shown(a == "" || a == "null" ? a : a * scale, digits) " → " shown(b == "" || b == "null" ? b : b * scale, digits)
    }
    function row() {
      if (name == "") return
      printf "| %s | %s | %s | %s | %s | %s | %s |\n", name, pair("peak_working_context", 1, 0), pair("below_threshold", 100, 0), pair("reads", 1, 1), pair("writes", 1, 1),
        pair("dead_writes", 1, 2), pair("used_read_share", 100, 0)
    }
    BEGIN {
      print "| run | mean peak working context, tokens | peak below τ, % of episodes | reads an episode | writes an episode | of these never read | reads that an action used, % |"
      print "|---|---|---|---|---|---|---|"
    }
    FNR == 1 { row(); split("", top); name = FILENAME; sub(/.*\//, "", name); sub(/\.json$/, "", name); depth = 0 }
    match($0, /^  "[a-z_]+": */) {
      key = substr($0, 4, index(substr($0, 4), "\"") - 1); value = substr($0, RSTART + RLENGTH); sub(/,? *\r?$/, "", value); top[key] = value
    }
    END { row() }' "$@"
}

experiment "indexed-seed1 indexed-seed2 indexed-seed3 summary-seed1 summary-seed2 summary-seed3 quick-seed1 quick-seed2 quick-seed3 retrieval-seed1 adamw-seed1" "$@"
if compgen -G "$here/results/*.json" > /dev/null; then
  echo
  memory_table "$here"/results/*.json
fi
