#!/bin/sh
# Logs runs to a real MLflow tracking server (SQLite in a folder, loopback), twice, and reads them back
# with MLflow's own client.
#
#   DISTILL=path/to/distill Tests/Peers/mlflow-server.sh
#
# MLFLOW_VERSION  version of MLflow to install (default 3.17.2)
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

need git git
python_with "mlflow==${MLFLOW_VERSION:-3.17.2}"
"$python" "$here/mlflow-server.py" "$folder"
