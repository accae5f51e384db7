#!/bin/sh
# Builds the clock shim: build-clock.sh LIBRARY. Linux only; it needs a C compiler.
set -eu

library=${1:?where to write the library}
here=$(cd "$(dirname "$0")" && pwd)
compiler=$(command -v cc || command -v clang || command -v gcc) || {
  echo "error: no C compiler (cc, clang or gcc) on the PATH" >&2
  exit 1
}
"$compiler" -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared \
  -o "$library.$$" "$here/clock-shim.c" -ldl
mv "$library.$$" "$library"
