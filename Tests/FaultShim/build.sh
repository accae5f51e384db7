#!/bin/sh
# Builds the fault shim: build.sh LIBRARY. Linux only; it needs a C compiler (Swift brings clang).
set -eu

library=${1:?where to write the library}
here=$(cd "$(dirname "$0")" && pwd)
compiler=$(command -v cc || command -v clang || command -v gcc) || {
  echo "error: no C compiler (cc, clang or gcc) on the PATH" >&2
  exit 1
}
# Written beside and renamed, since tests that run at once may build it at once.
"$compiler" -std=c11 -O2 -Wall -Wextra -Werror -fPIC -shared \
  -o "$library.$$" "$here/fault-shim.c" -ldl
mv "$library.$$" "$library"
