#!/usr/bin/env bash
# Builds runtime-probe and measures the embedded runtime beside llama.cpp and sgemm, on the shipped
# models; arguments are the threads (1) and the repetitions (5), of which the fastest counts.
#
# BENCHMARK_VENV  a folder in which the Python packages are kept; llama-cpp-python is compiled from
#                 source, which takes long. LLAMA_CPP_VERSION is its version (default 0.3.36).

set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

"$swift" build -c release --product runtime-probe
venv=${BENCHMARK_VENV:-$(mktemp -d)/venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
echo "installing by pip: gguf, llama-cpp-python, numpy, safetensors" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  gguf numpy safetensors "llama-cpp-python==${LLAMA_CPP_VERSION:-0.3.36}"
for folder in workflows/models/*/config.json; do
  folder=$(dirname "$folder")
  echo "$folder"
  "$venv/bin/python" Benchmarks/Clients/llama_decoding.py .build/release/runtime-probe "$folder" \
    workflows/data/arithmetic-test.jsonl "$@"
done
