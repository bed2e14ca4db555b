# Shared by the run.sh of each experiment: source it after setting `here` (the experiment's folder) and changing to the repository's root.
# AGENTRL_RUNS (default: runs) is the folder of the runs.
runs="${AGENTRL_RUNS:-runs}"

agentrl() { dotnet run -c Release --project src/AgentRL.Cli -- "$@"; }

# train_once NAME CONFIG ARGUMENT…: trains into RUNS/EXPERIMENT-NAME and copies its summary to results/NAME.json.part; goes on with a run that was interrupted.
# Sets `folder` to the run's folder.
train_once() {
  local name="$1" config="$2"
  shift 2
  folder="$runs/$(basename "$here")-$name"
  if ! [[ -s "$folder/summary.json" ]]; then
    if [[ -e "$folder/run.json" ]]; then set -- "$@" --resume; fi
    echo "$name: agentrl train $config --run $folder $*"
    agentrl train "$config" --run "$folder" "$@"
  fi
  mkdir -p "$here/results"
  cp "$folder/summary.json" "$here/results/$name.json.part"
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

# experiment "NAME…" ARGUMENT…: what every run.sh does with its arguments. The names are those of all its runs; a function run_one does one of them.
experiment() {
  local known=($1) name
  shift
  if [[ "${1:-}" != table ]]; then
    local wanted=("$@")
    if ((${#wanted[@]} == 0)); then wanted=("${known[@]}"); fi
    for name in "${wanted[@]}"; do
      if [[ " ${known[*]} " != *" $name "* ]]; then
        echo "unknown run $name; known are ${known[*]}" >&2
        exit 2
      fi
    done
    for name in "${wanted[@]}"; do
      if [[ -s "$here/results/$name.json" ]]; then
        echo "$name: has a result"
      else
        run_one "$name"
        mv "$here/results/$name.json.part" "$here/results/$name.json"
      fi
    done
    set --
  else
    shift
  fi
  if (($# == 0)); then
    for name in "${known[@]}"; do
      if [[ -s "$here/results/$name.json" ]]; then set -- "$@" "$here/results/$name.json"; fi
    done
  fi
  if (($# == 0)); then echo "no results yet"; else table "$@"; fi
}
