#!/usr/bin/env bash
# Pushes an image to a registry and prints REPOSITORY@DIGEST, which is what `byteme images pull` takes.
#   scripts/publish_image.sh REGISTRY/REPOSITORY [IMAGE]        IMAGE: byteme/sandbox:latest
#
# The tag is made of what the image was built from (`sha-` and the first 12 digits of its stamp), so the same files have the
# same tag, and a registry with immutable tags takes it once.
# Who we are: for Amazon ECR a token by the `aws` command (whatever it finds: a role, a profile); else REGISTRY_USER and
# REGISTRY_PASSWORD if they are set; else what `docker login` left. Nothing is stored: the token goes into a folder that is
# gone at the end, and into no argument.
. "$(dirname "$0")/lib.sh"

target=${1:?usage: scripts/publish_image.sh REGISTRY/REPOSITORY [IMAGE]}
image=${2:-byteme/sandbox:latest}
registry=${target%%/*}
[ "$registry" != "$target" ] || die "$target names no registry: REGISTRY/REPOSITORY, such as registry.example.org/byteme/sandbox"

label() {
    docker image inspect --format "{{with .Config.Labels}}{{index . \"$1\"}}{{end}}" "$image"
}

is_ecr() {
    [[ "$registry" =~ ^[0-9]{12}\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(\.cn)?|on\.aws)$ ]]
}

# login USER: the password comes from the standard input.
login() {
    DOCKER_CONFIG=$(mktemp -d)
    export DOCKER_CONFIG
    trap 'rm -rf "$DOCKER_CONFIG"' EXIT
    docker login --username "$1" --password-stdin "$registry" >/dev/null 2>"$DOCKER_CONFIG/said" ||
        die "$registry refused us: $(tail -n 1 "$DOCKER_CONFIG/said")"
}

docker image inspect "$image" >/dev/null 2>&1 || die "there is no image $image here; make image builds it"
stamp=$(label byteme.stamp)
[ -n "$stamp" ] || die "$image was not built by make image: it has no stamp (label byteme.stamp)"

if is_ecr; then
    have aws || die "for $registry the aws command is needed (or REGISTRY_USER=AWS and a token as REGISTRY_PASSWORD)"
    region=${BASH_REMATCH[2]}
    token=$(aws ecr get-login-password --region "$region") || die "aws gave no token for $registry"
    login AWS <<<"$token"
elif [ -n "${REGISTRY_USER:-}" ]; then
    login "$REGISTRY_USER" <<<"${REGISTRY_PASSWORD:-}"
fi

name=$target:sha-${stamp:0:12}
docker tag "$image" "$name"
step "Pushing $name" docker push "$name" >&2
digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$name" | grep -F "$target@" | tail -n 1)
[ -n "$digest" ] || die "the engine knows no digest of $name after the push"
echo "$digest"
