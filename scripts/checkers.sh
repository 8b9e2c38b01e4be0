#!/usr/bin/env bash
# What checks the project from outside (bandit, pip-audit, schemathesis), in an environment of its own: made when it is not
# there yet, with exactly what scripts/checkers/requirements.lock pins.
. "$(dirname "$0")/lib.sh"

LOCK=scripts/checkers/requirements.lock

make_checkers() {
    rm -rf "$CHECKERS"
    "$VENV/bin/python3" -m venv "$CHECKERS"
    "$CHECKERS/bin/python3" -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r "$LOCK"
}

wanted=$(fingerprint "$LOCK")
if ! done_before checkers "$wanted" || [ ! -x "$CHECKERS/bin/python3" ]; then
    step "Installing what checks the project" make_checkers >&2
    mark_done checkers "$wanted"
fi
