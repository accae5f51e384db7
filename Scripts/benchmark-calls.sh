#!/usr/bin/env bash
# Builds distill and the benchmark of calls, and runs it; arguments go to the benchmark (try --help).

set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
# Where Debian puts nginx is not on everybody's PATH.
PATH="$PATH:/usr/sbin"
export PATH

"$swift" build -c release --product distill
"$swift" build -c release --package-path Benchmarks
Benchmarks/.build/release/call-benchmark --distill .build/release/distill \
  --python .build/clients/bin/python --clients Benchmarks/Clients "$@"
