#!/bin/sh
# Runs the tool against LiteLLM's proxy with mock models: answers, requests a minute, a budget that
# is used up, rate limits, errors, a context that is too long, a model that there is not.
#
#   DISTILL=path/to/distill Tests/Peers/litellm-proxy.sh
#
# LITELLM_VERSION   version of the proxy to install (default 1.106.2)
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

python_with "litellm[proxy]==${LITELLM_VERSION:-1.106.2}"
"$python" "$here/litellm-proxy.py" "$folder"
