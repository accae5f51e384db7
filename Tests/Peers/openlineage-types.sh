#!/bin/sh
# Has the types of `openlineage-python` judge the events of the tool: those that a run sends while it
# goes on, and those that are made of its record afterwards.
#
#   DISTILL=path/to/distill Tests/Peers/openlineage-types.sh
#
# OPENLINEAGE_VERSION  version of the client to install (default 1.54.0)
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

need git git
python_with "openlineage-python==${OPENLINEAGE_VERSION:-1.54.0}"
"$python" "$here/openlineage-types.py" "$folder"
