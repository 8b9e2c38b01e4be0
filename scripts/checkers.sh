#!/usr/bin/env bash
# What checks the project from outside (bandit, pip-audit, schemathesis), in an environment of its own: made when it is not
# there yet, with exactly what scripts/checkers/requirements.lock pins.
. "$(dirname "$0")/lib.sh"

have_pinned_venv checkers "Installing what checks the project" "$CHECKERS" scripts/checkers/requirements.lock
