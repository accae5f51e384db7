#!/usr/bin/env bash
# Trains the models in workflows/models again, from nothing, and writes the data sets in
# workflows/data beside them: by workflows/tiny-models.yaml, so in a cache that has them it only
# copies. On one kind of processor the same seed gives the same bytes. The starter project gets the
# first rows of the arithmetic.

set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

"$swift" build -c release --product distill
"$swift" build -c release --product tiny-recipe
# The workflow's commands find the recipe on the PATH.
PATH="$PWD/.build/release:$PATH"
export PATH
distill run workflows/tiny-models.yaml

for role in teacher student; do
  folder=workflows/models/tiny-$role
  mkdir -p "$folder"
  while read -r part file; do
    distill get last "checkpoint@$role" --part "$part" -o "$folder/$file"
  done <<'PARTS'
configuration config.json
weights model.safetensors
tokenizer tokenizer.json
chat tokenizer_config.json
PARTS
done
for family in arithmetic monotonicity; do
  for split in train validation test; do
    distill get last "exercises@$family@$split" --part rows -o "workflows/data/$family-$split.jsonl"
  done
done
head -n 600 workflows/data/arithmetic-train.jsonl >workflows/starter/data/train.jsonl
head -n 200 workflows/data/arithmetic-test.jsonl >workflows/starter/data/test.jsonl
