#!/usr/bin/env bash
# The browser's part, built into frontend/dist. Nothing happens unless a source file changed.
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/node.sh"

wanted=$(fingerprint frontend)
if done_before frontend "$wanted" && [ -f frontend/dist/index.html ]; then
    exit 0
fi

use_node
packages=$(fingerprint frontend/package.json frontend/package-lock.json)
if ! done_before node_modules "$packages" || [ ! -d frontend/node_modules ]; then
    step "Installing front-end packages" "$NPM" --prefix frontend ci --no-audit --no-fund
    mark_done node_modules "$packages"
fi
step "Building the front end" "$NPM" --prefix frontend run build
mark_done frontend "$wanted"
