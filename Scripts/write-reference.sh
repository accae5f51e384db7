#!/usr/bin/env bash
# Writes docs/workflow-reference.md from the declarations of the node kinds. The file is replaced
# only by a whole one.

set -euo pipefail
cd "$(dirname "$0")/.."

new=$(mktemp)
trap 'rm -f "$new"' EXIT
.build/release/distill schema --markdown >"$new"
# Not moved: a temporary file may be readable by its owner only.
cat "$new" >docs/workflow-reference.md
