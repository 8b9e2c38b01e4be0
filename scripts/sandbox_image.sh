#!/usr/bin/env bash
# Builds byteme/sandbox:latest, unless the one that is there was built from the same files and base, and writes what is in it
# (CycloneDX) to .setup/sbom/.
#   BASE_IMAGE   what to build on: an image with Python 3.11 (default: the official slim image, or one made with debootstrap)
#   VARIANT      cpu, or cuda: byteme/sandbox:cuda, with PyTorch for NVIDIA's GPUs (default: cpu)
#   TARGET       a stage of sandbox-image/Dockerfile (default: ml)
. "$(dirname "$0")/lib.sh"

TARGET=${TARGET:-ml}
VARIANT=${VARIANT:-cpu}
case $VARIANT in
    cpu) ML_LOCK=ml.lock TAG=latest ;;
    cuda) ML_LOCK=ml-cuda.lock TAG=cuda ;;
    *) die "VARIANT is cpu or cuda" ;;
esac
if [ "$TARGET" != ml ]; then TAG=$TARGET; fi
IMAGE=byteme/sandbox:$TAG
[ -f "sandbox-image/requirements/$ML_LOCK" ] || die "there is no sandbox-image/requirements/$ML_LOCK: make lock"
OFFICIAL_BASE=$(sed -n 's/^ARG BASE_IMAGE=//p' sandbox-image/Dockerfile)
DEBIAN_BASE=byteme/base:bookworm

label() {
    docker image inspect --format "{{index .Config.Labels \"$1\"}}" "$IMAGE" 2>/dev/null
}

exists() {
    docker image inspect "$1" >/dev/null 2>&1
}

pull() {
    echo "Pulling $1" >&2
    timeout 900 docker pull -q "$1" >/dev/null 2>&1
}

choose_base() {
    if [ -n "${BASE_IMAGE:-}" ]; then
        echo "$BASE_IMAGE"
    elif exists "$OFFICIAL_BASE" || pull "$OFFICIAL_BASE"; then
        echo "$OFFICIAL_BASE"
    else
        echo "$DEBIAN_BASE"
    fi
}

build() {
    DOCKER_BUILDKIT=0 docker build --network none --target "$TARGET" --tag "$IMAGE" --build-arg BASE_IMAGE="$base" \
        --build-arg ML_LOCK="$ML_LOCK" --label byteme.stamp="$stamp" --label byteme.base="$base" sandbox-image
}

write_sbom() {
    mkdir -p "$SETUP_DIR/sbom"
    docker run --rm --network none --entrypoint cat "$IMAGE" "$(label byteme.sbom)" >"$SETUP_DIR/sbom/$TAG.cdx.json"
}

files=$(fingerprint sandbox-image/{Dockerfile,byteme,byteme_caches.py,launch.py,launcher,preload,requirements,sbom.py,zygote.py})
stamp=$(printf '%s %s %s' "$files" "$TARGET" "$ML_LOCK" | sha256sum | cut -c1-64)
if [ "$(label byteme.stamp)" = "$stamp" ] && [ "$(label byteme.base)" = "${BASE_IMAGE:-$(label byteme.base)}" ]; then
    [ -s "$SETUP_DIR/sbom/$TAG.cdx.json" ] || write_sbom
    exit 0
fi

base=$(choose_base)
if [ "$base" = "$DEBIAN_BASE" ]; then
    echo "No image registry answers for $OFFICIAL_BASE: building on $DEBIAN_BASE, made from Debian packages with debootstrap."
    exists "$DEBIAN_BASE" || step "Making the base image" "$ROOT/scripts/base_image.sh" "$DEBIAN_BASE"
fi
"$ROOT/scripts/wheels.sh" "$ML_LOCK"
step "Building the sandbox image" build
step "Writing down what is in it" write_sbom
