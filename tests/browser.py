"""Drives a real browser, by the front end's own tool chain in a process of its own (frontend/e2e)."""

import subprocess
from pathlib import Path

import pytest

from tests.server_process import ServerProcess

FRONTEND = Path(__file__).resolve().parents[1] / "frontend"
DEADLINE_S = 400


def begin(promise: str, server: ServerProcess) -> subprocess.Popen[str]:
    """One promise of frontend/e2e against the server, under way."""
    command = ["node", "e2e/run.mjs", promise, server.url]
    return subprocess.Popen(command, cwd=FRONTEND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(browser: subprocess.Popen[str], said: str = "") -> None:
    """Waits until the promise is kept; fails with what the browser met if it is not."""
    try:
        said += browser.communicate(timeout=DEADLINE_S)[0]
    finally:
        browser.kill()
        browser.wait()
    if browser.returncode != 0:
        pytest.fail(said, pytrace=False)


def keep(promise: str, server: ServerProcess) -> None:
    finish(begin(promise, server))


def keep_over_a_kill(promise: str, server: ServerProcess) -> None:
    """Kills the server when the promise says "in the middle", and starts it again when it says "lost"."""
    browser = begin(promise, server)
    assert browser.stdout is not None
    said = browser.stdout.readline()
    if said == "in the middle\n":
        server.kill()
        said += browser.stdout.readline()
    if said.endswith("lost\n"):
        server.start()
    finish(browser, said)
