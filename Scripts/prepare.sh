#!/usr/bin/env bash
# Makes sure that what the build needs is on this machine, and installs what is missing.
#
#   Scripts/prepare.sh [ninja] [python] [strace] [venv] [nginx] [wrk] [clients]
#
# Always: Swift itself (which it looks for, but does not install) and the system libraries. The words
# add what some targets need besides: ninja for the benchmark, Python and strace for tests that look
# at the store from outside, Python's venv for the peer test, nginx and wrk for the benchmark of
# calls, and Python's clients for it in a venv of their own (.build/clients). Every package is named
# before it is installed. By apt on Debian and its kin; the branch for Homebrew on macOS is written but has
# not been run on a Mac yet.

set -euo pipefail
cd "$(dirname "$0")/.."

# name for pkg-config | package of apt | formula of Homebrew
libraries='
yaml-0.1  libyaml-dev           libyaml
libcurl   libcurl4-openssl-dev  curl
libgit2   libgit2-dev           libgit2
sqlite3   libsqlite3-dev        sqlite
libcrypto libssl-dev            openssl@3
openblas  libopenblas-dev       openblas
'
oldest_swift=6.3

fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  hint: %s\n' "$line" >&2; done
  exit 1
}

# Whether a program is on the PATH.
has_program() { command -v "$1" >/dev/null 2>&1; }

check_swift() {
  has_program swift || fail "swift is not on the PATH" \
    "install Swift $oldest_swift or newer from https://www.swift.org/install, then run this again"
  local found
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  local first
  first=$(printf '%s\n%s\n' "$oldest_swift" "${found:-0}" | sort -V | head -n 1)
  [ "$first" = "$oldest_swift" ] || fail "swift is version ${found:-unknown}, too old" \
    "install Swift $oldest_swift or newer from https://www.swift.org/install, then run this again"
}

# Whether a package of apt is installed.
has_apt_package() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Prints the packages that are missing, one a line, by the names that the manager knows.
missing_packages() {
  local manager=$1 name apt brew extra
  shift
  local has_pkg_config=true
  if ! has_program pkg-config; then
    has_pkg_config=false
    if [ "$manager" = apt ]; then echo pkg-config; else echo pkgconf; fi
  fi
  while read -r name apt brew; do
    [ -n "$name" ] || continue
    # pkg-config also finds libraries that did not come from the package manager.
    if $has_pkg_config && pkg-config --exists "$name"; then continue; fi
    case "$manager" in
      apt) has_apt_package "$apt" || echo "$apt" ;;
      # Formulas outside the default search path: SwiftPM finds them through their providers.
      brew) brew list --formula "$brew" >/dev/null 2>&1 || echo "$brew" ;;
      none) echo "$name" ;;
    esac
  done <<<"$libraries"
  for extra in "$@"; do missing_extra "$manager" "$extra"; done
}

# Prints the package of a program that only some targets need, if it is missing.
missing_extra() {
  local manager=$1 extra=$2
  case "$manager $extra" in
    'apt ninja') has_program ninja || echo ninja-build ;;
    *' ninja') has_program ninja || echo ninja ;;
    'apt python') has_program python3 || echo python3 ;;
    *' python') has_program python3 || echo python ;;
    'apt venv') has_apt_package python3-venv || echo python3-venv ;;
    *' venv') has_program python3 || echo python ;;
    'apt clients') has_apt_package python3-venv || echo python3-venv ;;
    *' clients') has_program python3 || echo python ;;
    'apt nginx') has_program nginx || [ -x /usr/sbin/nginx ] || echo nginx-light ;;
    *' nginx') has_program nginx || echo nginx ;;
    *' wrk') has_program wrk || echo wrk ;;
    # Elsewhere there is none: the tests that look at system calls are left out then.
    'apt strace') has_program strace || echo strace ;;
    *' strace') ;;
    *) fail "unknown extra '$extra'" "it is one of ninja, python, strace, venv, nginx, wrk, clients" ;;
  esac
}

# Installs by apt, as root or through sudo; without either it prints the command to run.
install_by_apt() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
    # Without a terminal sudo cannot ask for a password.
    [ -t 0 ] || as_root+=(-n)
    if ! has_program sudo || ! "${as_root[@]}" true; then
      fail "installing needs root, and this user has neither root nor sudo" \
        "as root, run: apt-get update && apt-get install -y --no-install-recommends $*"
    fi
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "$@"
}

# The Python clients that the benchmark of calls compares with, at the versions that its figures name.
make_clients() {
  local folder=.build/clients wanted='aiohttp==3.14.5 openai==3.52.0'
  [ "$(cat "$folder/versions" 2>/dev/null)" = "$wanted" ] && return
  printf "installing by pip into %s: %s\n" "$folder" "$wanted" >&2
  rm -rf "$folder"
  python3 -m venv "$folder"
  # Word splitting is what makes a list of the text.
  # shellcheck disable=SC2086
  "$folder/bin/pip" install --quiet --disable-pip-version-check $wanted
  printf '%s\n' "$wanted" >"$folder/versions"
}

main() {
  check_swift
  install_missing "$@"
  case " $* " in *' clients '*) make_clients ;; esac
}

# Installs what of the libraries, and of the extras named, is not there yet.
install_missing() {
  local manager=none
  if has_program apt-get; then
    manager=apt
  elif has_program brew; then
    manager=brew
  fi

  local missing
  missing=$(missing_packages "$manager" "$@")
  [ -n "$missing" ] || return 0
  # Word splitting is what makes a list of the lines.
  # shellcheck disable=SC2086
  set -- $missing
  case "$manager" in
    apt)
      printf 'installing by apt what is missing: %s\n' "$*" >&2
      install_by_apt "$@"
      ;;
    brew)
      printf 'installing by Homebrew what is missing: %s\n' "$*" >&2
      brew install "$@"
      ;;
    none)
      fail "these are missing, and there is neither apt nor Homebrew to install them: $*" \
        "install them (libraries are named as pkg-config knows them), then run this again"
      ;;
  esac
}

main "$@"
