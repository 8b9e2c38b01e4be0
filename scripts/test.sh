#!/usr/bin/env bash
# Every check and every suite, on this machine's Docker engine. Arguments go to pytest.
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/node.sh"

"$ROOT/scripts/bootstrap.sh"
"$ROOT/scripts/test_setup.sh"
"$ROOT/scripts/check.sh"
use_node
"$NPM" --prefix frontend test
"$VENV/bin/pytest" --durations=25 "$@"
