#!/bin/sh
# Runs the tool against the toll server behind haproxy, which cuts connections: sessions shut down
# amid calls, a proxy that is killed and started again, timeouts shorter than an answer takes,
# answers that are dropped or become 502, a proxy that resends by itself. Charges are counted in the
# toll server's own ledger and held against what the tool says.
#
#   DISTILL=path/to/distill TOLL_SERVER=path/to/toll-server Tests/Peers/haproxy-cuts.sh
#
# PEER_SEED   the moments of an earlier run's cuts
#
# Everything is made in a folder that is removed at the end. The last line is `N passed, N failed`;
# the exit code is 0 only if nothing failed.
set -eu
. "$(dirname "$0")/peer.sh"

toll=${TOLL_SERVER:-$(dirname "$DISTILL")/toll-server}
TOLL_SERVER=$(cd "$(dirname "$toll")" && pwd)/$(basename "$toll")
export TOLL_SERVER

need haproxy haproxy
python3 "$here/haproxy-cuts.py" "$folder"
