#!/usr/bin/env bash
# What a program can import in the sandbox image, for the editor's completion: one JSON file for each package, which the
# front end's build takes along. Nothing happens unless the image changed.
. "$(dirname "$0")/lib.sh"

IMAGE=byteme/sandbox:latest
FOLDER=frontend/src/features/editor/python/symbols

describe() {
    rm -rf "$FOLDER"
    mkdir -p "$FOLDER"
    docker run --rm -i --network none --read-only --tmpfs /tmp --cap-drop ALL --env MPLCONFIGDIR=/tmp \
        --entrypoint /opt/venv/bin/python3 "$IMAGE" -W ignore - <scripts/python_symbols.py | tar -x -C "$FOLDER"
}

wanted=$(docker image inspect --format '{{.Id}}' "$IMAGE")-$(fingerprint scripts/python_symbols.py)
if done_before python_symbols "$wanted" && [ -f "$FOLDER/builtins.json" ]; then
    exit 0
fi
step "Describing what programs can import" describe
mark_done python_symbols "$wanted"
