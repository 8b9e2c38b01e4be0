#!/usr/bin/env bash
# The virtual environment .venv with exactly what requirements.txt pins, and the `byteme` command in it.
# PYTHON chooses the interpreter (3.11 or newer).
. "$(dirname "$0")/lib.sh"

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 /usr/bin/python3; do
        if new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    rm -rf "$VENV"
    "$1" -m venv "$VENV"
}

install_packages() {
    "$VENV/bin/python3" -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
    "$VENV/bin/python3" -m pip install -q --disable-pip-version-check --no-deps -e .
}

wanted=$(fingerprint requirements.txt pyproject.toml)
if done_before python "$wanted" && new_enough "$VENV/bin/python3" && [ -x "$VENV/bin/byteme" ]; then
    exit 0
fi

if ! find_python >/dev/null && can_apt; then
    step "Installing Python" apt_install python3 python3-venv
fi
python=$(find_python) || die "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3"
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    can_apt || die "$python cannot make virtual environments: install its venv package (python3-venv)"
    step "Installing python3-venv" apt_install python3-venv
fi
new_enough "$VENV/bin/python3" || step "Making the virtual environment" make_venv "$python"
step "Installing Python packages" install_packages
mark_done python "$wanted"
