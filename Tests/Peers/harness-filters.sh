#!/bin/sh
# Runs the filters of published evaluation harnesses beside the readings of the same name, on every
# completion in the shared data and on texts made of pieces of them, and prints every difference.
#
#   DISTILL=path/to/distill Tests/Peers/harness-filters.sh
#
# DISTILL_SHARED_DATA  the shared data (default ../shared/data beside this repository)
# LM_EVAL_VERSION      version of lm_eval to install (default 0.4.13)
# INSPECT_VERSION      version of inspect_ai to take the patterns from (default 0.3.285)
#
# lm_eval's filters and metric are its own code, with the settings of its own task files, and Inspect's
# patterns are its own; the other harnesses are no packages, so their rules are written again in
# Python here. The last line is `N passed, N failed`; the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

data=${DISTILL_SHARED_DATA:-$here/../../../shared/data}
if [ ! -d "$data/model_outputs" ]; then
  echo "skipped: the shared data is not on this machine"
  echo "0 passed, 0 failed"
  exit 0
fi
python_with "lm_eval==${LM_EVAL_VERSION:-0.4.13}"
# Inspect's patterns stand in a file that needs nothing else; what the package needs is much.
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder/inspect" \
  "inspect_ai==${INSPECT_VERSION:-0.3.285}"
INSPECT=$folder/inspect "$python" "$here/harness-filters.py" "$data" "$folder"
