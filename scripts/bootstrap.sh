#!/usr/bin/env bash
# Everything a fresh machine needs before ByteMe can start. Safe to repeat: what is done already is skipped, offline too.
. "$(dirname "$0")/lib.sh"

for part in engine python_env sandbox_image python_symbols frontend; do
    "$ROOT/scripts/$part.sh"
done
if [ "${BYTEME_EGRESS:-}" = on ] || grep -qsE '^(export )?BYTEME_EGRESS=.?on' .env; then
    "$ROOT/scripts/egress_image.sh"
fi
