# Shared by the set-up scripts (sourced, not run): one line per step with its seconds, stamps of what is done, plain errors.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SETUP_DIR=$ROOT/.setup      # stamps, logs and tools of the set-up; safe to delete at any time
export VENV=$ROOT/.venv
export CHECKERS=$SETUP_DIR/checkers # made by checkers.sh
cd "$ROOT"
mkdir -p "$SETUP_DIR"
echo '*' >"$SETUP_DIR/.gitignore"

die() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# step TITLE COMMAND...: run it quietly; on failure show the end of its output and stop.
step() {
    local title=$1 began=$SECONDS log status
    shift
    log=$SETUP_DIR/$(printf '%s' "$title" | tr -cs '[:alnum:]' '-').log
    printf '%s ... ' "$title"
    set +e
    (
        set -e
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    if [ "$status" -ne 0 ]; then
        printf 'failed\n'
        tail -n 25 "$log" >&2
        die "\"$title\" failed; all of its output is in $log"
    fi
    printf '%d s\n' "$((SECONDS - began))"
}

# fingerprint PATH...: one hash over the names and contents of the files, what is made from them left out.
fingerprint() {
    find "$@" \( -name node_modules -o -name dist -o -name coverage -o -name wheels -o -name .tools -o -name __pycache__ \) -prune \
        -o -type f ! -name '*.tsbuildinfo' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64
}

# done_before NAME FINGERPRINT: true if `mark_done` was last called with the same two.
done_before() {
    [ "$(cat "$SETUP_DIR/$1.stamp" 2>/dev/null)" = "$2" ]
}

mark_done() {
    printf '%s\n' "$2" >"$SETUP_DIR/$1.stamp"
}

# pinned_venv FOLDER LOCK: a virtual environment with exactly what the lock pins.
pinned_venv() {
    rm -rf "$1"
    "$VENV/bin/python3" -m venv "$1"
    "$1/bin/python3" -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r "$2"
}

# have_pinned_venv NAME TITLE FOLDER LOCK: makes it unless it is there and made of the same lock.
have_pinned_venv() {
    local wanted
    wanted=$(fingerprint "$4")
    if ! done_before "$1" "$wanted" || [ ! -x "$3/bin/python3" ]; then
        step "$2" pinned_venv "$3" "$4" >&2
        mark_done "$1" "$wanted"
    fi
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# apt_install PACKAGE...: only where root may (Debian, Ubuntu); the caller says what to do elsewhere.
apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -q -y --no-install-recommends "$@"
}

can_apt() {
    is_root && have apt-get
}

# wait_until SECONDS COMMAND...: poll until it succeeds; false if it never does.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}
