import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpcore._sync  # noqa: F401  # before greenlets are about: an import that one of them breaks into may fail
import pytest

from tests.images.rig import SMOKE, Shelf, shelf
from tests.server_process import ROOT, ServerProcess

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def stock() -> Iterator[Shelf]:
    """A registry with two sandbox images, and an AWS."""
    with shelf() as shelf_:
        for tag in ("one", "two"):
            shelf_.put("tests/sandbox", tag)
        yield shelf_


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that succeeds on an image without libraries."""
    path = tmp_path_factory.mktemp("smoke") / "smoke.py"
    path.write_text(SMOKE)
    return path


@pytest.fixture(scope="session")
def operate() -> Callable[[ServerProcess], Cli]:
    """Gives what runs `byteme images ...` as an operator of a server."""

    def for_server(server: ServerProcess) -> Cli:
        tokens: dict[str, str] = {}

        def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
            if server.url not in tokens:
                admin = server.admin()
                tokens[server.url] = admin.create_key("tests", ["admin"]).key
            env = os.environ | {"BYTEME_URL": server.url, "BYTEME_TOKEN": tokens[server.url]}
            return subprocess.run(
                [sys.executable, "-m", "client", *map(str, arguments)], cwd=ROOT, env=env, capture_output=True, text=True,
                timeout=200, check=False,
            )  # fmt: skip

        return run

    return for_server
