#!/usr/bin/env bash
# Builds distill and the benchmark, and runs it; arguments go to the benchmark (try --help).

set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

"$swift" build -c release --product distill
"$swift" build -c release --package-path Benchmarks
Benchmarks/.build/release/graph-benchmark --distill .build/release/distill "$@"
