#!/usr/bin/env bash
# The server and, beside it, the front end's development server, which reloads the page at each change.
# When one of them ends, so does the other.
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/node.sh"

export BYTEME_URL=${BYTEME_URL:-http://127.0.0.1:${BYTEME_PORT:-8000}}

use_node
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
"$VENV/bin/byteme" serve &
(cd frontend && exec node_modules/.bin/vite) & # not by npm, which would leave it behind when it is ended
wait -n
