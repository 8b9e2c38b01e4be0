#!/usr/bin/env bash
# Builds byteme/egress:latest, the proxy of runs that may use the network, unless the one that is there was built from the
# same files and base.
#   BASE_IMAGE   what to build on: a Debian with Python 3.11 (default: what the sandbox image was built on)
#   REFRESH      1: build it anew in any case, for the security fixes of the distribution's packages
. "$(dirname "$0")/lib.sh"

IMAGE=byteme/egress:latest
SANDBOX=byteme/sandbox:latest
NETWORK=byteme-build-$$

label() {
    docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null
}

# In a network of its own: an engine need not have a default bridge.
build() {
    docker network create "$NETWORK" >/dev/null
    trap 'docker network rm "$NETWORK" >/dev/null' EXIT
    DOCKER_BUILDKIT=0 docker build --no-cache --network "$NETWORK" --tag "$IMAGE" --build-arg BASE_IMAGE="$base" \
        --label byteme.stamp="$stamp" --label byteme.base="$base" egress-image
}

base=${BASE_IMAGE:-$(label "$SANDBOX" byteme.base)} || true
[ -n "$base" ] || die "build the sandbox image first (make image), or set BASE_IMAGE"
stamp=$(fingerprint egress-image)
if [ -z "${REFRESH:-}" ] && [ "$(label "$IMAGE" byteme.stamp)" = "$stamp" ] && [ "$(label "$IMAGE" byteme.base)" = "$base" ]; then
    exit 0
fi
step "Building the egress proxy's image" build
