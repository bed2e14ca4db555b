#!/usr/bin/env bash
# Measures how fast this machine generates and trains, and prints the table.
#
#   experiments/performance/run.sh                 bench --quick three times, then the training steps of a small run: about five minutes on two quiet cores
#   experiments/performance/run.sh full            the long bench: more cases, three seconds for each
#   experiments/performance/run.sh caches          bench --quick with keys and values in float32 and in sixteen bits, in turn, three times: seven minutes on two slow cores
#   experiments/performance/run.sh kernels         the kernels one by one (BenchmarkDotNet)
#   experiments/performance/run.sh table [FILE…]   only the table, of results/*.json or of the files given
#
# Results are measured anew each time. AGENTRL_RUNS (default: runs) is the folder of the run.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
source experiments/common.sh

machine() {
  awk -F': *' '/^model name/ { name = $2 } END { printf "%s, ", name == "" ? "unknown processor" : name }' /proc/cpuinfo
  printf '%s cores, .NET %s; load average at the beginning %s\n' "$(nproc)" "$(dotnet --list-runtimes | awk '/NETCore.App 10/ { v = $2 } END { print v }')" "$(cut -d' ' -f1 /proc/loadavg)"
}

# figures FILE…: a row a figure: the median of the files that have it, in brackets the least and the most; the same of its ratio; and what is aimed at.
figures() {
  awk '
    function median(list, n,   i, j, t) {
      split(list, v, " ")
      for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
      low = v[1]; high = v[n]
      return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
    }
    function shown(x) { return x >= 1000 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.3f", x) }
    function spread(list, n,   m) { m = median(list, n); return n == 1 ? shown(m) : shown(m) " [" shown(low) ", " shown(high) "]" }
    function aim(name) {
      if (name == "decode.S.batch16.context128.speedup") return "≥ 6"
      if (name == "decode.S.batch64.context128.speedup") return "≥ 3.5"
      if (name == "decode.M.batch64.context128.speedup") return "≥ 3"
      if (name ~ /^decode\.[SM]\.batch(16|64|256)\.context128$/) return "≥ 0.65"
      if (name ~ /^decode\.[SM]\.batch(16|64)\.context1024$/) return "≥ 0.5"
      if (name ~ /^decode\..*\.neighbour$/) return "≥ 0.45"
      if (name ~ /^mixed\.[SM]$/ || name == "rollouts.run") return "≥ 0.7"
      if (name ~ /^training\.[SM]$/) return "≥ 1.8"
      if (name ~ /^memory\.[SM]$/) return "≤ 1.1"
      if (name ~ /^step\.run\.beside/) return "≤ 0.05"
      return ""
    }
    function entry() {
      if (!(top["name"] in units)) order[++rows] = top["name"]
      units[top["name"]] = top["unit"]; to[top["name"]] = top["to"]
      values[top["name"]] = values[top["name"]] " " top["value"]; counts[top["name"]]++
      if (top["ratio"] != "null") ratios[top["name"]] = ratios[top["name"]] " " top["ratio"]
    }
    /^ *\{ *$/ { split("", top); next }
    /^ *\},? *\r?$/ { entry(); next }
    match($0, /"[a-z]+": */) {
      key = substr($0, RSTART + 1); sub(/".*/, "", key)
      value = substr($0, RSTART + RLENGTH); sub(/,? *\r?$/, "", value); gsub(/^"|"$/, "", value); top[key] = value
    }
    END {
      print "| figure | value | unit | ratio | to | aim |"
      print "|---|---|---|---|---|---|"
      for (r = 1; r <= rows; r++) {
        name = order[r]
        printf "| %s | %s | %s | %s | %s | %s |\n", name, spread(values[name], counts[name]), units[name], name in ratios ? spread(ratios[name], counts[name]) : "", to[name] == "null" ? "" : to[name], aim(name)
      }
    }' "$@"
}

# print_table FILE…: of results/*.json where no file is given.
print_table() {
  if (($# == 0)) && compgen -G "$here/results/*.json" >/dev/null; then set -- "$here"/results/*.json; fi
  if (($# == 0)); then echo "no results yet"; else figures "$@"; fi
}

measure() {
  local number folder="$runs/performance-steps"
  mkdir -p "$here/results"
  machine | tee "$here/results/machine.txt"
  dotnet build src/AgentRL.Cli -c Release --nologo -v quiet
  for number in 1 2 3; do agentrl bench --quick --json "$here/results/bench-$number.json"; done
  # A policy that has seen enough to play: what it has learned matters for the shapes of its episodes alone.
  if ! [[ -s "$folder/summary.json" ]]; then
    rm -rf "$folder"
    agentrl train configs/quickstart.yaml --run "$folder" --set warm_start.steps=300 --set training.steps=0 --set evaluation.final_episodes=8 --set 'evaluation.rounds=[4]' \
      --set 'evaluation.contexts=[]' --set 'evaluation.splits=[eval]'
  fi
  agentrl bench --run "$folder" --json "$here/results/steps.json"
  print_table | tee "$here/results/table.md"
}

# The two ways of holding keys and values, in turn: other load on the machine hits both.
measure_caches() {
  local number cache folder="$here/results/caches"
  mkdir -p "$folder"
  machine | tee "$folder/machine.txt"
  dotnet build src/AgentRL.Cli -c Release --nologo -v quiet
  for number in 1 2 3; do
    for cache in float32 fixed16; do agentrl bench --quick --cache "$cache" --json "$folder/$cache-$number.json"; done
  done
  for cache in float32 fixed16; do
    printf '**%s**\n\n' "$cache"
    figures "$folder/$cache"-*.json | grep -E '^\| (figure|ceiling|(decode|prefill)\.[SM]\.batch[0-9]+\.context[0-9]+ |decode\..*\.(reading|attained|speedup)|mixed|memory)|^\|---'
    echo
  done | tee "$folder/table.md"
}

case "${1:-}" in
  "") measure ;;
  full) mkdir -p "$here/results/full" && agentrl bench --json "$here/results/full/bench.json" && figures "$here/results/full/bench.json" | tee "$here/results/full/table.md" ;;
  caches) measure_caches ;;
  kernels)
    dotnet run -c Release --project tests/AgentRL.Benchmarks -- --filter '*' --artifacts "$here/results/kernels.part"
    mkdir -p "$here/results/kernels"
    cp "$here"/results/kernels.part/results/*-github.md "$here/results/kernels/"
    rm -rf "$here/results/kernels.part"
    ;;
  table) shift && print_table "$@" ;;
  *) echo "unknown argument $1; known are full, caches, kernels and table" >&2 && exit 2 ;;
esac
