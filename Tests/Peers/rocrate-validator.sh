#!/bin/sh
# Has `rocrate-validator` judge what `distill bundle` writes, by the profile Provenance Run Crate 0.5:
# of a run like the quickstart, of one that reused everything, of one that failed, without rows.
#
#   DISTILL=path/to/distill Tests/Peers/rocrate-validator.sh
#
# ROC_VALIDATOR_VERSION  version of the validator to install (default 0.13.0)
#
# The validator reads two JSON-LD contexts from w3id.org. Where that cannot be reached, stand-ins are
# made of the terms in the package `rocrate`.
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

need git git
python_with "roc-validator==${ROC_VALIDATOR_VERSION:-0.13.0}" "rocrate==0.16.0"
"$python" "$here/rocrate-validator.py" "$folder"
