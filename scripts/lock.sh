#!/usr/bin/env bash
# Resolves requirements.in, the sandbox image's *.in, the benchmark's and the checkers' to locks with hashes. Run it with Python 3.11.
. "$(dirname "$0")/lib.sh"

TOOLS=$SETUP_DIR/pip-tools
if [ ! -x "$TOOLS/bin/pip-compile" ]; then
    "$VENV/bin/python3" -m venv "$TOOLS"
    "$TOOLS/bin/python3" -m pip install -q pip-tools==7.6.2
fi
for source in requirements.in sandbox-image/requirements/*.in scripts/{bench,checkers}/requirements.in; do
    target=${source%.in}.lock
    if [ "$source" = requirements.in ]; then target=requirements.txt; fi
    echo "$target"
    CUSTOM_COMPILE_COMMAND="make lock" "$TOOLS/bin/pip-compile" -q --generate-hashes --strip-extras --allow-unsafe --no-emit-options \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file "$target" "$source"
done
