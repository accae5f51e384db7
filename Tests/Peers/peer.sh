# Sourced by the peers: a folder that is removed at the end, and what a peer needs installed.
#
# DISTILL is the path of the tool; the templates of this repository are the ones used.

distill=${DISTILL:?set DISTILL to the path of the binary}
here=$(cd "$(dirname "$0")" && pwd)
DISTILL=$(cd "$(dirname "$distill")" && pwd)/$(basename "$distill")
DISTILL_SHARE=${DISTILL_SHARE:-$here/../../workflows}
PATH=$PATH:/usr/sbin:/sbin
export DISTILL DISTILL_SHARE PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

# Installs by apt what is not on the PATH: need PROGRAM PACKAGE.
need() {
  if command -v "$1" >/dev/null 2>&1; then return; fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "error: '$1' is missing; install it, then run this again" >&2
    exit 1
  fi
  echo "installing by apt what is missing: $2"
  as_root=
  [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
  $as_root apt-get update -qq
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$2" \
    >"$folder/apt.log" 2>&1 || { cat "$folder/apt.log" >&2; exit 1; }
}

# Makes $folder/venv with these packages of pip. PEER_VENVS names a folder in which it is kept.
python_with() {
  venv=${PEER_VENVS:+$PEER_VENVS/$(basename "$0" .sh)}
  venv=${venv:-$folder/venv}
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  echo "installing by pip: $*"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  python=$venv/bin/python
}
