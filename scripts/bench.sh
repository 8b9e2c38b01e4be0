#!/usr/bin/env bash
# Measures ByteMe against plain Docker and a peer; see docs/benchmarks.md. Options: scripts/bench.sh --help.
# The peer and the plots have an environment of their own, made here when it is not there yet.
. "$(dirname "$0")/lib.sh"

LOCK=scripts/bench/requirements.lock
PEER_VENV=$SETUP_DIR/bench/venv

make_venv() {
    rm -rf "$PEER_VENV"
    "$VENV/bin/python3" -m venv "$PEER_VENV"
    "$PEER_VENV/bin/python3" -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r "$LOCK"
}

wanted=$(fingerprint "$LOCK")
if ! done_before bench "$wanted" || [ ! -x "$PEER_VENV/bin/python3" ]; then
    step "Installing what the benchmark compares with" make_venv >&2
    mark_done bench "$wanted"
fi
exec "$VENV/bin/python3" -m scripts.bench --peer-python "$PEER_VENV/bin/python3" "$@"
