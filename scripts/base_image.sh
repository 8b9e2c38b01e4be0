#!/usr/bin/env bash
# Makes the image named by $1 from Debian packages alone, for machines that reach no image registry.
# Needs root; packages come from wherever this machine's own apt gets them.
. "$(dirname "$0")/lib.sh"

SUITE=bookworm      # its Python is 3.11, for which the locks are made
PACKAGES=python3,python3-venv,ca-certificates,tzdata,netbase

debian_mirror() {
    # shellcheck disable=SC2016  # the variables are apt's
    apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' 'Identifier: Packages' |
        awk '$1 == "Debian" && $2 == "main" { print $3; exit }'
}

image=$1
is_root || die "no image registry answers, and making a base image from Debian packages needs root; or set BASE_IMAGE"
have debootstrap || apt_install debootstrap
mirror=$(debian_mirror)
[ -n "$mirror" ] || die "no Debian package source in this machine's apt settings; set BASE_IMAGE to an image with Python 3.11"

tree=$(mktemp -d /var/tmp/byteme-base.XXXXXX)
trap 'rm -rf "$tree"' EXIT
debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$tree" "$mirror"
rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/* "$tree"/usr/share/{doc,man,info,locale}/*
tar -C "$tree" --one-file-system -c . | docker import --change 'CMD ["python3"]' - "$image"
