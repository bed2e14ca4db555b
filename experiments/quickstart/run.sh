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
runs="${AGENTRL_RUNS:-runs}"
names=(summary-seed1 summary-seed2 summary-seed3 full-seed1 blank_summary-seed1)

# settings NAME: what a run changes in configs/quickstart.yaml, as arguments, one a line.
settings() {
  local context="${1%-seed*}" seed="${1##*-seed}"
  printf '%s\n' --set "seed=$seed"
  if [[ "$context" != summary ]]; then printf '%s\n' --set "context.strategy=$context" --set 'evaluation.contexts=[]'; fi
  if [[ "$context" == full ]]; then printf '%s\n' --set 'evaluation.rounds=[4]'; fi # no summaries: rounds change nothing
}

run() {
  local name="$1" run="$runs/quickstart-$1" arguments
  if [[ -s "$here/results/$name.json" ]]; then
    echo "$name: has a result"
    return
  fi
  mapfile -t arguments < <(settings "$name")
  if ! [[ -s "$run/summary.json" ]]; then
    if [[ -e "$run/run.json" ]]; then arguments+=(--resume); fi
    echo "$name: agentrl train configs/quickstart.yaml --run $run ${arguments[*]}"
    dotnet run -c Release --project src/AgentRL.Cli -- train configs/quickstart.yaml --run "$run" "${arguments[@]}"
  fi
  mkdir -p "$here/results"
  cp "$run/summary.json" "$here/results/$name.json.part"
  if [[ "$name" == summary-* ]]; then
    # Tasks from 10,000 on were looked at by nobody while the configuration was made.
    dotnet run -c Release --project src/AgentRL.Cli -- eval "$run" --rounds 4,16 --episodes 200 --first-task 10000
    mkdir -p "$here/results/unseen"
    cp "$run"/evaluations/*_from-10000.json "$here/results/unseen/$name.json"
  fi
  mv "$here/results/$name.json.part" "$here/results/$name.json"
}

# table FILE…: a Markdown table with a row a run: success after the warm start and at the end, then each point of the sweep.
# Reads the indented JSON that the program writes: one key a line, points within "sweep": [ … ].
table() {
  awk '
    function base(path) { sub(/.*\//, "", path); sub(/\.json$/, "", path); return path }
    function percent(x) { return x == "" || x == "null" ? "–" : sprintf("%.1f %%", 100 * x) }
    FNR == 1 { name[++files] = base(FILENAME); inside = 0 }
    /"sweep": *\[ *$/ { inside = 1; next }
    inside && /^ *\],? *$/ { inside = 0; next }
    inside && /^ *\{ *$/ { split("", point); next }
    inside && /^ *\},? *$/ {
      key = point["split"] SUBSEP point["context"] SUBSEP point["rounds"]
      if (!(key in seen)) { seen[key] = 1; order[++points] = key }
      cell[files, key] = percent(point["success"]) " [" sprintf("%.1f, %.1f", 100 * point["ci_low"], 100 * point["ci_high"]) "]"
      next
    }
    match($0, /"[a-z0-9_]+": */) {
      key = substr($0, RSTART + 1); sub(/".*/, "", key)
      value = substr($0, RSTART + RLENGTH); sub(/,? *\r?$/, "", value); gsub(/^"|"$/, "", value)
      if (inside) point[key] = value; else top[files, key] = value
    }
    END {
      if (files == 0) exit
      print "| run | seed | context in training | training rounds | after the warm start | at the end | minutes | peak memory, MiB |"
      print "|---|---|---|---|---|---|---|---|"
      for (f = 1; f <= files; f++)
        printf "| %s | %s | %s | %s | %s | %s | %.1f | %.0f |\n", name[f], top[f, "seed"], top[f, "context"], top[f, "train_rounds"],
          percent(top[f, "success_after_warm_start"]), percent(top[f, "success"]), top[f, "seconds"] / 60, top[f, "peak_rss_mb"]
      print ""
      printf "| split | context | rounds |"; for (f = 1; f <= files; f++) printf " %s |", name[f]; print ""
      printf "|---|---|---|"; for (f = 1; f <= files; f++) printf "---|"; print ""
      for (p = 1; p <= points; p++) {
        split(order[p], part, SUBSEP)
        printf "| %s | %s | %s |", part[1], part[2], part[3]
        for (f = 1; f <= files; f++) printf " %s |", ((f, order[p]) in cell) ? cell[f, order[p]] : "–"
        print ""
      }
    }' "$@"
}

print_table() {
  if (($# == 0)); then
    local name
    for name in "${names[@]}"; do
      if [[ -s "$here/results/$name.json" ]]; then set -- "$@" "$here/results/$name.json"; fi
    done
  fi
  if (($# == 0)); then echo "no results yet"; else table "$@"; fi
}

if [[ "${1:-}" == table ]]; then
  shift
  print_table "$@"
  exit 0
fi
wanted=("$@")
if ((${#wanted[@]} == 0)); then wanted=("${names[@]}"); fi
for name in "${wanted[@]}"; do
  if [[ " ${names[*]} " != *" $name "* ]]; then
    echo "unknown run $name; known are ${names[*]}" >&2
    exit 2
  fi
done
for name in "${wanted[@]}"; do run "$name"; done
print_table
