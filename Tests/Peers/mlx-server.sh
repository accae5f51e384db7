#!/bin/sh
# Runs the tool against mlx_lm.server with the shipped checkpoint tiny-student, and compares its
# answers with those of the tool's own runtime.
#
#   DISTILL=path/to/distill Tests/Peers/mlx-server.sh
#
# MLX_LM_VERSION   version of mlx-lm to install (default 0.32.2; with mlx for the processor)
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

python_with "mlx[cpu]" "mlx-lm==${MLX_LM_VERSION:-0.32.2}"
"$python" "$here/mlx-server.py" "$folder" "$here/../../workflows/models/tiny-student"
