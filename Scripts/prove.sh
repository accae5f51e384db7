#!/usr/bin/env bash
# Proves the promises of docs/promises.md on the built tool, at full size, and writes a table.
#
#   Scripts/prove.sh [--short] [P1 P4 …] [peers]
#
# Without names: all promises, then, in the full form, the peers. A name takes every test of that
# promise; a longer one part of them, as `swift test --filter` does: P1Tests/killedInARow. `peers`
# runs the tool against servers that others wrote (Tests/Peers). All of it takes hours; each promise
# is a process of its own, so that what was proved stands in the table whatever happens to the next.
#
# PROVE_OUT            folder of table and logs (default .build/prove)
# DISTILL_PROVE_SEED   random choices of an earlier proof
# DISTILL_PROVE_SHARE  part of the trials to do, 0.1 for a tenth, where there is no time for all
# DISTILL_PROVE_BIN    folder of programs that were built elsewhere
# SWIFT                the swift to use

set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
out=${PROVE_OUT:-.build/prove}
form=full
if [ "${1:-}" = --short ]; then
  form=short
  shift
fi
names=("$@")
if [ "${#names[@]}" -eq 0 ]; then
  names=(FaultShim P1 P2 P3 P4 P5 P6 P7 PowerLossDisk P8 P9 P10 P11 P12 P13 P14 P15 P19 P20 P21)
  if [ "$form" = full ]; then names+=(peers); fi
fi

mkdir -p "$out"
report=$PWD/$out/proofs.jsonl
table=$out/table.md
test_options=(-c release --disable-testable-imports)
failures=0

# The machine and the libraries that the figures hold for.
versions() {
  printf 'libcurl %s, SQLite %s, Linux %s, %s cores, commit %s, %s form%s\n' \
    "$(pkg-config --modversion libcurl 2>/dev/null || echo unknown)" \
    "$(pkg-config --modversion sqlite3 2>/dev/null || echo unknown)" \
    "$(uname -r)" "$(getconf _NPROCESSORS_ONLN)" "$(git rev-parse --short HEAD)" "$form" \
    "${DISTILL_PROVE_SHARE:+, share $DISTILL_PROVE_SHARE}"
}

# The filter of a name: `P1` is P1Tests and P1EnumerationTests, and not P12Tests.
filter() {
  case "$1" in
    P[0-9] | P[0-9][0-9]) printf 'ProofTests\\.%s[A-Z][A-Za-z]*Tests/|ProofTests\\.%sTests/' "$1" "$1" ;;
    *) printf 'ProofTests\\.%s' "$1" ;;
  esac
}

# Runs the tests of one name; a line of the log says how it ended.
prove() {
  local name=$1 start=$SECONDS status=0
  local log=$out/${name//[^A-Za-z0-9]/-}.log
  printf '=== %s (log: %s)\n' "$name" "$log"
  DISTILL_PROVE=$form DISTILL_PROVE_REPORT=$report \
    "$swift" test "${test_options[@]}" --filter "$(filter "$name")" >"$log" 2>&1 || status=$?
  # A filter that matches nothing proves nothing.
  if grep -q 'No matching test cases' "$log"; then status=1; fi
  verdict "$name" "$status" "$((SECONDS - start))"
  # `head` may end before `grep` has said all.
  [ "$status" -eq 0 ] || grep -E '^✘|error:' "$log" | cut -c1-300 | head -n 20 || true
}

# Runs every peer; each ends with a line of its own.
peers() {
  local peer start status log
  for peer in Tests/Peers/*.sh; do
    [ "$peer" != Tests/Peers/peer.sh ] || continue
    start=$SECONDS
    status=0
    log=$out/$(basename "$peer" .sh).log
    printf '=== %s (log: %s)\n' "$peer" "$log"
    DISTILL="$bin/distill" TOLL_SERVER="$bin/toll-server" PROBE="$bin/runtime-probe" \
      "$peer" >"$log" 2>&1 || status=$?
    tail -n 1 "$log"
    verdict "$(basename "$peer" .sh)" "$status" "$((SECONDS - start))"
  done
}

verdict() {
  local word=held
  [ "$2" -eq 0 ] || word=FAILED
  [ "$2" -eq 0 ] || failures=$((failures + 1))
  printf -- '--- %s: %s in %d s\n' "$1" "$word" "$3"
  printf '{"verdict": "%s", "name": "%s", "seconds": %d}\n' "$word" "$1" "$3" >>"$report"
}

# The report as Markdown: a row a proof, in the order in which they were done.
write_table() {
  {
    versions
    printf '\n| proof | counted | seed | seconds |\n|---|---|---:|---:|\n'
    python3 - "$report" <<'PYTHON'
import json, sys
for line in open(sys.argv[1]):
  row = json.loads(line)
  if "verdict" in row:
    print(f"| **{row['name']}** | **{row['verdict']}** | | {row['seconds']} |")
  else:
    counts = ", ".join(f"{value:,} {name}" for name, value in row["counts"].items())
    print(f"| {row['proof']} | {counts} | {row['seed']} | {row['seconds']:.0f} |")
PYTHON
  } >"$table"
  cat "$table"
}

"$swift" build -c release --product distill
"$swift" build -c release --product toll-server
"$swift" build -c release --product runtime-probe
bin=${DISTILL_PROVE_BIN:-$("$swift" build -c release --show-bin-path)}
: >"$report"
versions
for name in "${names[@]}"; do
  if [ "$name" = peers ]; then peers; else prove "$name"; fi
done
write_table
[ "$failures" -eq 0 ] || { printf '%d did not hold\n' "$failures" >&2; exit 1; }
