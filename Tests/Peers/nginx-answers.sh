#!/bin/sh
# Runs the tool against nginx, which returns fixed answers: chat completions, HTML error pages,
# redirects, refusals with and without Retry-After, a limit of requests, a large answer.
#
#   DISTILL=path/to/distill Tests/Peers/nginx-answers.sh
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

need nginx nginx-light
python3 "$here/nginx-answers.py" "$folder"
