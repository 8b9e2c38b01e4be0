#!/usr/bin/env bash
# Looks for weak spots: in the source (bandit), and in the packages that the locks pin (pip-audit, which asks a
# vulnerability service). Exits with 1 when there is one; with 2 when there is none known but the service could not be
# asked about all packages, for what is unknown is not clean; with 0 when all was asked about and nothing is known.
. "$(dirname "$0")/lib.sh"
"$ROOT/scripts/checkers.sh"

SERVICE=${AUDIT_SERVICE:-pypi} # pypi or osv
weak=0 unasked=0

audit_lock() {
    local log=$SETUP_DIR/pip-audit.log unknown
    printf '%s ... ' "$1"
    if ! "$CHECKERS/bin/pip-audit" --disable-pip --no-deps --require-hashes --progress-spinner off --timeout 20 \
        -s "$SERVICE" -r "$1" >"$log" 2>&1; then
        if grep -q '^Found [0-9]* known vulnerabilit' "$log"; then
            weak=1
            printf 'WEAK:\n'
            cat "$log"
        else
            unasked=1
            printf 'NOT CHECKED, the vulnerability service (%s) gave no answer: %s\n' "$SERVICE" "$(tail -n 1 "$log")"
        fi
        return
    fi
    unknown=$(awk '/could not be audited/ {print $1}' "$log" | xargs)
    if [ "$(wc -w <<<"$unknown")" -ge "$(grep -c == "$1")" ]; then
        unasked=1
        printf 'NOT CHECKED: the vulnerability service (%s) knows none of it, so it is not really there\n' "$SERVICE"
    else
        printf 'no known weakness%s\n' "${unknown:+; NOT CHECKED, for it is not known there: $unknown}"
    fi
}

(step "bandit" "$CHECKERS/bin/bandit" -q -r -ll -c pyproject.toml server client sandbox-image) || weak=1
for lock in requirements.txt sandbox-image/requirements/*.lock scripts/*/requirements.lock; do
    audit_lock "$lock"
done
if [ "$weak" = 1 ]; then
    printf 'There is a weakness.\n'
    exit 1
elif [ "$unasked" = 1 ]; then
    printf 'The source has no known weakness. About packages nothing is known: ask again where the service can be reached.\n'
    exit 2
fi
