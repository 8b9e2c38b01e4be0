#!/usr/bin/env bash
# Every check that runs nothing: style, types and the import arrows of both languages. All are made, even if one fails.
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/node.sh"

failed=0
check() {
    (step "$@") || failed=1
}

"$ROOT/scripts/checkers.sh"
use_node
export PATH=$VENV/bin:$PATH
check "ruff check" ruff check .
check "ruff format" ruff format --check .
check "mypy" mypy
check "bandit" "$CHECKERS/bin/bandit" -q -r -ll -c pyproject.toml server client sandbox-image
check "import arrows" pytest -q tests/test_architecture.py
check "tsc" "$NPM" --prefix frontend run typecheck
check "eslint" "$NPM" --prefix frontend run lint
check "prettier" "$NPM" --prefix frontend run format:check
exit "$failed"
