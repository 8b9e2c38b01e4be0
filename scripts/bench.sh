#!/usr/bin/env bash
# Measures ByteMe against plain Docker and a peer; see docs/benchmarks.md. Options: scripts/bench.sh --help.
# The peer and the plots have an environment of their own, made here when it is not there yet.
. "$(dirname "$0")/lib.sh"

PEER_VENV=$SETUP_DIR/bench/venv

have_pinned_venv bench "Installing what the benchmark compares with" "$PEER_VENV" scripts/bench/requirements.lock
exec "$VENV/bin/python3" -m scripts.bench --peer-python "$PEER_VENV/bin/python3" "$@"
