#!/bin/sh
# Compares the embedded runtime with mlx-lm (on the processor) and Hugging Face tokenizers: scores,
# losses, gradients, most probable answers and token ids, on the shipped checkpoints and on a model
# of random weights for each option of the architecture.
#
#   PROBE=path/to/runtime-probe Tests/Peers/runtime.sh
#
# MLX_LM_VERSION       version of mlx-lm to install (default 0.32.2; with mlx for the processor)
# DISTILL_SHARED_DATA  texts for the tokenizers (default ../shared/data beside the project); without
#                      that folder the project's own data are taken
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
probe=${PROBE:?set PROBE to the path of runtime-probe}
DISTILL=$probe
. "$(dirname "$0")/peer.sh"

python_with "mlx[cpu]" "mlx-lm==${MLX_LM_VERSION:-0.32.2}" tokenizers jinja2
root=$here/../..
"$python" "$here/runtime.py" "$DISTILL" "$folder" "$root" \
  "${DISTILL_SHARED_DATA:-$root/../shared/data}"
