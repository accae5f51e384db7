#!/usr/bin/env bash
# Builds runtime-probe and measures the embedded runtime beside llama.cpp and sgemm: on the shipped
# models, and on one of random weights that no cache holds. The argument is the repetitions (5), of
# which the fastest counts.
#
# BENCHMARK_VENV  a folder in which the Python packages are kept; llama-cpp-python is compiled from
#                 source, which takes long. LLAMA_CPP_VERSION is its version (default 0.3.36).

set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
repetitions=${1:-5}

"$swift" build -c release --product runtime-probe
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
venv=${BENCHMARK_VENV:-$folder/venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
echo "installing by pip: gguf, llama-cpp-python, numpy, safetensors" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  gguf numpy safetensors "llama-cpp-python==${LLAMA_CPP_VERSION:-0.3.36}"

# Measures one folder: FOLDER ANSWERS TOKENS.
measure() {
  echo "$1"
  "$venv/bin/python" Benchmarks/Clients/llama_decoding.py .build/release/runtime-probe "$1" \
    workflows/data/arithmetic-test.jsonl "$repetitions" "$2" "$3"
}

for config in workflows/models/*/config.json; do measure "$(dirname "$config")" 64 64; done
mkdir "$folder/moderate"
"$venv/bin/python" Benchmarks/Clients/moderate_model.py workflows/models/tiny-teacher \
  "$folder/moderate"
measure "$folder/moderate" 2 33
