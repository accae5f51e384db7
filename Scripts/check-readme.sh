#!/usr/bin/env bash
# Checks the workflow that README.md shows, beside the data of the starter project.

set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R workflows/starter/data "$folder/data"
# The first YAML block that has nodes.
awk '/^```yaml$/ {block = ""; inside = 1; next}
     /^```$/ {if (inside && block ~ /\nnodes:/) {printf "%s", block; exit} inside = 0}
     inside {block = block $0 "\n"}' README.md >"$folder/workflow.yaml"
[ -s "$folder/workflow.yaml" ] || { echo "error: README.md shows no workflow" >&2; exit 1; }
.build/release/distill check "$folder/workflow.yaml" --cache "$folder/cache"
