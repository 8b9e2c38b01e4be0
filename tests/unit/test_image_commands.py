"""`byteme images`: how a pull is told, and the exit code that it comes to."""

import json
from typing import Any

import pytest

from client.cli.pulling import exit_code, show_pull


def host(name: str = "a", state: str = "ready", progress: float = 1.0, message: str = "") -> dict[str, Any]:
    return {"host": name, "state": state, "progress": progress, "message": message}


def pull(state: str, why: str | None = None, *hosts: dict[str, Any], digest: str | None = "sha256:1") -> dict[str, Any]:
    return {
        "state": state, "why": why, "message": "told why." if why else "", "digest": digest, "alias": "default",
        "checks": ["size: 5 MiB"], "hosts": list(hosts),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "why", "code"),
    [
        ("active", None, 0), ("ready", None, 0), ("planned", None, 0),
        ("failed", "auth", 3), ("failed", "not_found", 4), ("failed", "policy", 5), ("failed", "digest", 5),
        ("failed", "disk", 5), ("failed", "partial", 6), ("failed", "smoke", 7), ("failed", "unreachable", 1),
        ("failed", "deadline", 1), ("failed", "superseded", 1), ("failed", "error", 1),
    ],
)  # fmt: skip
def test_the_exit_code_says_of_what_kind_the_failure_is(state: str, why: str | None, code: int) -> None:
    assert exit_code(pull(state, why)) == code


def test_a_switch_without_some_host_is_partial() -> None:
    assert exit_code(pull("active", None, host(), host("b", "failed"))) == 6


def test_without_a_terminal_each_step_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    states = [
        pull("resolving", digest=None),
        pull("pulling", None, host(state="pulling", progress=0.0)),
        pull("pulling", None, host(state="pulling", progress=0.31)),
        pull("pulling", None, host(state="pulling", progress=0.34)),
        pull("pulling", None, host(state="smoke")),
        pull("active", None, host()),
    ]
    assert show_pull(states, json_=False) == 0
    assert capsys.readouterr().err.splitlines() == [
        "resolving", "pulling", "a: pulling 0%", "a: pulling 30%", "a: smoke", "active", "a: ready", "  size: 5 MiB",
        "default is sha256:1 now.",
    ]  # fmt: skip


def test_a_failure_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_pull([pull("failed", "smoke", host(state="failed", message="boom\x1b[2J"))], json_=False) == 7
    said = capsys.readouterr().err
    assert "Failed (smoke). told why." in said
    assert "\x1b" not in said


def test_as_json_it_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    states = [pull("resolving"), pull("active", None, host())]
    assert show_pull(states, json_=True) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == states
