#!/usr/bin/env bash
# What the tests need beyond `make setup`: a browser, PostgreSQL's programs (the tests start servers of their own),
# promtool and an image registry, a clock that can be set, the tools that check from outside, and the proxy of runs that
# may use the network.
. "$(dirname "$0")/lib.sh"

has_browser() {
    have chromium || have chromium-browser || have google-chrome
}

has_postgres() {
    have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

install_postgres() {
    # Debian would make and start a server at once; nobody asked for one.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/byteme-tests.conf
    apt_install postgresql
}

# unpacked NAME: a Debian package's files in .setup/NAME, not installed: its service is nobody's wish.
unpacked() {
    local folder
    folder=$(mktemp -d)
    chmod a+rx "$folder"
    (cd "$folder" && apt-get update -q && apt-get download -q "$1")
    rm -rf "${SETUP_DIR:?}/$1"
    dpkg -x "$folder"/*.deb "$SETUP_DIR/$1"
    rm -rf "$folder"
}

# have_unpacked NAME PROGRAM TITLE
have_unpacked() {
    [ ! -x "$SETUP_DIR/$1/usr/bin/$2" ] || return 0
    can_apt || die "the tests need $2 as $SETUP_DIR/$1/usr/bin/$2"
    step "$3" unpacked "$1"
}

if ! has_browser; then
    can_apt || die "the browser tests need Chromium: install it and run again"
    step "Installing Chromium" apt_install chromium
fi
if ! has_postgres; then
    can_apt || die "the database tests need PostgreSQL's programs (initdb): install postgresql and run again"
    step "Installing PostgreSQL" install_postgres
fi
if ! compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; then
    can_apt || die "the tests of clocks need libfaketime: install faketime and run again"
    step "Installing libfaketime" apt_install faketime
fi
have_unpacked prometheus promtool "Unpacking promtool"
have_unpacked docker-registry docker-registry "Unpacking an image registry"
"$ROOT/scripts/checkers.sh"
"$ROOT/scripts/egress_image.sh"
