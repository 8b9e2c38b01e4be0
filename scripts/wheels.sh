#!/usr/bin/env bash
# Fills sandbox-image/wheels with what base.lock and $1 (default: ml.lock) name, checked against their hashes, so that the
# build needs no network.
# The host's own pip settings (mirrors, certificates, find-links) apply.
. "$(dirname "$0")/lib.sh"

WHEELS=sandbox-image/wheels
LOCKS=sandbox-image/requirements
ML_LOCK=${1:-ml.lock}

download() {
    local machine tag platforms=(--platform any)
    machine=$(uname -m)
    for tag in manylinux_2_28 manylinux_2_27 manylinux_2_24 manylinux_2_17 manylinux2014; do
        platforms+=(--platform "${tag}_$machine")
    done
    rm -rf "$WHEELS"
    mkdir -p "$WHEELS"
    "$VENV/bin/python3" -m pip download -q --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --implementation cp --python-version 3.11 --abi cp311 --abi abi3 --abi none "${platforms[@]}" \
        -d "$WHEELS" -r "$LOCKS/base.lock" -r "$LOCKS/$ML_LOCK" || {
        echo "If torch is what was not found: its CPU wheel is in the index that pytorch.org's install page names for pip and CPU."
        echo "Set PIP_EXTRA_INDEX_URL to that index and run again."
        return 1
    }
}

wanted=$(fingerprint "$LOCKS/base.lock" "$LOCKS/$ML_LOCK")
if done_before wheels "$wanted" && [ -d "$WHEELS" ]; then
    exit 0
fi
step "Downloading the sandbox's libraries" download
mark_done wheels "$wanted"
