#!/usr/bin/env bash
# The long forms of the tests of violent ends and of endurance; each leaves its result in results/ and ends with 0 if it holds.
#
#   experiments/trust/run.sh kills [COUNT] [SEED]   COUNT (200) runs killed at random, then every named moment, full disks and short memory: about half an hour
#   experiments/trust/run.sh soak [STEPS]           STEPS (10000) training steps in which one call in a hundred goes wrong, twice: about five minutes
#   experiments/trust/run.sh moments                every change that a run makes to its folder: what a kill or a loss of power would leave there, resumed
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
tests=tests/AgentRL.Trust.Tests
mkdir -p "$here/results"

trust() {
  dotnet build "$tests" -c Release --nologo -v quiet
  dotnet "$tests/bin/Release/net10.0/AgentRL.Trust.Tests.dll" "$@"
}

case "${1:-}" in
  kills) trust kills "${2:-200}" "${3:-1}" "$here/results/kills.json" ;;
  soak) # all code compiled at once: code that is compiled again later, and the memory for it, would hide growth of data
    code=0
    DOTNET_TieredCompilation=0 trust soak "${2:-10000}" "$here/results/soak.json" || code=$?
    tiered=0
    trust soak "${2:-10000}" "$here/results/soak-tiered.json" || tiered=$?
    if ((tiered == 3)); then echo "with tiered compilation memory grows by more (see README.md)"; tiered=0; fi # any other failure counts
    exit "$((code > 0 ? code : tiered))"
    ;;
  moments) dotnet test "$tests" -c Release -p:Slow=true --nologo --filter FullyQualifiedName~EveryMomentTests --logger 'console;verbosity=normal' ;;
  *) sed -n '2,/^set/ { /^#/ s/^# \{0,1\}//p }' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
esac
