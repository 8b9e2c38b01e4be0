#!/usr/bin/env bash
# Looks for weak spots: in the source (bandit), and in the packages that the locks pin (pip-audit, which asks a
# vulnerability service). Fails when there is one, or when the service could not be asked: unknown is not clean.
. "$(dirname "$0")/lib.sh"
"$ROOT/scripts/checkers.sh"

SERVICE=${AUDIT_SERVICE:-pypi} # pypi or osv
failed=0

audit_lock() {
    local log=$SETUP_DIR/pip-audit.log unknown
    printf '%s ... ' "$1"
    if ! "$CHECKERS/bin/pip-audit" --disable-pip --no-deps --require-hashes --progress-spinner off --timeout 20 \
        -s "$SERVICE" -r "$1" >"$log" 2>&1; then
        failed=1
        printf 'weak, or not to be asked about:\n'
        cat "$log"
        return
    fi
    unknown=$(awk '/could not be audited/ {print $1}' "$log" | xargs)
    if [ "$(wc -w <<<"$unknown")" -ge "$(grep -c == "$1")" ]; then
        failed=1
        printf 'NOT CHECKED: the vulnerability service (%s) knows none of it, so it is not really there\n' "$SERVICE"
    else
        printf 'no known weakness%s\n' "${unknown:+; NOT CHECKED, for it is not known there: $unknown}"
    fi
}

(step "bandit" "$CHECKERS/bin/bandit" -q -r -ll -c pyproject.toml server client sandbox-image) || failed=1
for lock in requirements.txt sandbox-image/requirements/*.lock scripts/*/requirements.lock; do
    audit_lock "$lock"
done
exit "$failed"
