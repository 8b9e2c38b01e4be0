"""`make dev`: the server, and before it the front end's development server, which are one to who opens the page."""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from client import Client, Output, Tokens
from client.tokens import MemoryVault
from tests.server_process import ROOT, ServerProcess, free_port
from tests.waiting import eventually


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """scripts/dev.sh, under way in a process group of its own; what it says is in tmp_path/said."""
    server = ServerProcess(tmp_path, BYTEME_PORT=str(free_port()))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BYTEME_")}
    environment = inherited | server.settings | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(
            [ROOT / "scripts/dev.sh"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        server.clean_up()


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def goes_on(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_page_reloads_itself_in_front_of_the_real_server_and_both_end_together(
    dev: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    def said(pattern: str) -> str | None:
        assert dev.poll() is None, (tmp_path / "said").read_text()
        found = re.search(pattern, (tmp_path / "said").read_text())
        return found and found[1]

    url = eventually(lambda: said(r"Local: +(http://127\.0\.0\.1:\d+)/"), "the development server", 120)
    eventually(lambda: said(r"ByteMe is ready at (\S+)"), "the server behind it", 120)
    page = fetched(url)
    assert "/@vite/client" in page
    (script,) = re.findall(r'src="(/src/[^"]+)"', page)
    assert "createRoot" in fetched(url + script)
    tenant = Client(url, vault=MemoryVault(Tokens("")))
    tenant.register("dev@example.org", "a long password")
    tenant.login("dev@example.org", "a long password")
    with tenant.launch({"files": {"main.py": "print('over the socket')"}}) as live:
        printed = b"".join(event.data for event in live if isinstance(event, Output))
    assert printed == b"over the socket\n"
    dev.send_signal(signal.SIGTERM)
    dev.wait(60)
    eventually(lambda: not goes_on(dev.pid), "both servers to end", 60)
