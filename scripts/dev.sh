#!/usr/bin/env bash
# The server and, beside it, the front end's development server, which reloads the page at each change.
# When one of them ends, so does the other.
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/node.sh"

use_node
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
"$VENV/bin/byteme" serve &
"$NPM" --prefix frontend run dev &
wait -n
