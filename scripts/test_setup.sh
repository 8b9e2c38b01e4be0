#!/usr/bin/env bash
# What the tests need beyond `make setup`: a browser, PostgreSQL's programs and a registry (the tests start servers of their own), the
# tools that check from outside, and the proxy of runs that may use the network.
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

install_registry() {
    apt_install docker-registry
    # The tests start servers of their own; nobody asked for the distribution's.
    if have systemctl && [ -d /run/systemd/system ]; then systemctl disable --now docker-registry; fi
}

if ! has_browser; then
    can_apt || die "the browser tests need Chromium: install it and run again"
    step "Installing Chromium" apt_install chromium
fi
if ! has_postgres; then
    can_apt || die "the database tests need PostgreSQL's programs (initdb): install postgresql and run again"
    step "Installing PostgreSQL" install_postgres
fi
if ! have docker-registry; then
    can_apt || die "the tests of images need a registry (docker-registry, of Docker's distribution): install it and run again"
    step "Installing a registry" install_registry
fi
"$ROOT/scripts/checkers.sh"
"$ROOT/scripts/egress_image.sh"
