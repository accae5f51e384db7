#!/bin/sh
# Drives `distill serve` with the official `openai` Python client: chat, models, files, a whole
# fine-tuning job, the errors that the client makes exceptions of.
#
#   DISTILL=path/to/distill Tests/Peers/openai-client.sh
#
# DISTILL_SERVE_OPTIONS  further options of `distill serve`, split at spaces
# OPENAI_VERSION         version of the client to install (default 2.11.0)
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu

distill=${DISTILL:?set DISTILL to the path of the binary}
here=$(cd "$(dirname "$0")" && pwd)
DISTILL_SHARE=${DISTILL_SHARE:-$here/../../workflows}
export DISTILL_SHARE
folder=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

echo "installing the openai client"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "openai==${OPENAI_VERSION:-2.11.0}"

mkfifo "$folder/ready"
# shellcheck disable=SC2086 # the options are several words
"$distill" serve --port 0 --cache "$folder/cache" ${DISTILL_SERVE_OPTIONS:-} > "$folder/ready" &
server=$!
read -r line < "$folder/ready"
echo "server: $line"

"$folder/venv/bin/python" "$here/openai-client.py" "$line"
