"""How long the server takes to answer while hostile programs have all slots, against how long it takes at rest.

Rest and attacks take turns in the same minutes. One client asks, over one connection, at a steady pace.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from client import ApiError, Client
from scripts.bench.byteme import BenchServer
from scripts.bench.measure import Say
from scripts.bench.results import Answers
from tests.server_process import TERMINAL, raw_run
from tests.waiting import eventually

REST = "at rest"
PACE_S = 0.02  # from one question to the next
QUEUED = 20  # for each slot
UNDER_WAY_S = 1.0  # until an attack is at its height
_BEGIN = "import itertools, os, socket, struct, sys, time\nprint('begun', flush=True)\n"
# Each goes on until it is ended; none stops at a limit for good.
ATTACKS = {
    "CPU spin": "for _ in range(8):\n    if not os.fork(): break\nwhile True: pass\n",
    "fork bomb": (
        "def bomb():\n"
        "    while True:\n"
        "        try:\n"
        "            if os.fork() == 0: bomb()\n"
        "        except OSError: pass\n"
        "        try:\n"
        "            while os.waitpid(-1, os.WNOHANG)[0]: pass\n"
        "        except OSError: os._exit(0)\n"
        "while True:\n"
        "    if os.fork() == 0: bomb()\n"
        "    os.wait()\n"
    ),
    "memory hog": (
        "while True:\n"
        "    if os.fork() == 0:\n"
        "        hoard = []\n"
        "        while True: hoard.append(bytearray(b'x') * (16 << 20))\n"
        "    os.wait()\n"
    ),
    "disk fill": (
        "block = os.urandom(1 << 20)\n"
        "for number in itertools.count():\n"
        "    try:\n"
        "        with open('fill', 'wb', buffering=0) as file:\n"
        "            while True: file.write(block)\n"
        "    except OSError: pass\n"
        "    os.unlink('fill')\n"
    ),
    "tiny files": (
        "for number in itertools.count():\n"
        "    try: open(f'outputs/{number % 50000}', 'w').close()\n"
        "    except OSError: pass\n"
    ),
    "output flood, lines": "line = b'x' * 79 + b'\\n'\nwhile True: os.write(1, line)\n",
    "output flood, blocks": "block = b'x' * 65536\nwhile True: os.write(1, block)\n",
    "output flood, both streams in turn": "while True: os.write(1, b'x'); os.write(2, b'y')\n",
    "event flood": (
        'header = b\'{"kind":"metric","name":"loss","value":1}\'\n'
        "message = struct.pack('>II', len(header), 0) + header\n"
        "peer = socket.socket(socket.AF_UNIX)\n"
        "peer.connect('\\0byteme-events')\n"
        "while True: peer.sendall(message * 100)\n"
    ),
}
_LIMITS = {"memory_mb": 512, "disk_mb": 512, "pids": 128, "timeout_s": 600}


def answers(server: BenchServer, slots: int, rounds: int, seconds: float, say: Say) -> list[Answers]:
    """Each attack once a round, `seconds` of it, with as much rest before it."""
    attacker, victim = server.tenant(), server.tenant()
    ended = victim.submit({"files": {"main.py": "print('hello')"}}).id
    eventually(lambda: raw_run(victim, ended)["state"] in TERMINAL, "a run to look at", 60)
    paths = ["/healthz", "/api/v1/me", f"/api/v1/runs/{ended}", "/api/v1/runs"]
    asker = _Asker(server, server.token(victim), paths)
    found = {name: Answers(name, []) for name in (REST, *ATTACKS)}
    for number in range(rounds):
        for name, code in ATTACKS.items():
            say(f"answers under attack, round {number + 1} of {rounds}: {name}")
            server.settle()
            found[REST].seconds += asker.ask(seconds)
            with _under_attack(server, attacker, _BEGIN + code, slots):
                found[name].seconds += asker.ask(seconds)
    return list(found.values())


@contextmanager
def _under_attack(server: BenchServer, attacker: Client, code: str, slots: int) -> Iterator[None]:
    """In all slots, and looked at from outside; more of them wait for their turn, should one end at a limit."""
    request = {"files": {"main.py": code}, "limits": _LIMITS}
    run_ids = [attacker.submit(request).id for _ in range(QUEUED * slots)]
    with ExitStack() as stack:
        stack.callback(_end, attacker, run_ids)
        for run_id in run_ids[:slots]:
            stack.enter_context(_follower(server, attacker, run_id))
        eventually(lambda: sum(_has_begun(attacker, run_id) for run_id in run_ids) >= slots, "the attack", 60)
        time.sleep(UNDER_WAY_S)
        yield


@contextmanager
def _follower(server: BenchServer, attacker: Client, run_id: str) -> Iterator[None]:
    """Somebody who takes all the output that comes, with what is left of the CPU: really, they are elsewhere."""
    account = {"BYTEME_URL": server.url, "BYTEME_TOKEN": server.token(attacker)}
    with subprocess.Popen(
        ["nice", "-n", "19", sys.executable, "-m", "client", "logs", run_id, "--follow"], env=os.environ | account,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            process.kill()


def _has_begun(attacker: Client, run_id: str) -> bool:
    return raw_run(attacker, run_id)["state"] not in {"queued", "starting"}


def _end(attacker: Client, run_ids: Sequence[str]) -> None:
    for run_id in reversed(run_ids):  # those that wait first
        with suppress(ApiError):  # it has ended by itself
            attacker.cancel(run_id)
    for run_id in run_ids:
        eventually(lambda run_id=run_id: raw_run(attacker, run_id)["state"] in TERMINAL, "an attack to end", 120)


@contextmanager
def _elsewhere() -> Iterator[None]:
    """For a thread that stands for a client on a machine of its own: it does not wait for this one's CPU.

    The server's wait for it is what is measured. A client's own would be as long, and is not the server's.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        yield  # its waits are counted then
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


class _Asker:
    """One client's questions, a path after the other."""

    def __init__(self, server: BenchServer, token: str, paths: Sequence[str]) -> None:
        self._host = urlsplit(server.url).netloc
        self._headers = {"Authorization": f"Bearer {token}"}
        self._paths = paths

    def ask(self, seconds: float) -> list[float]:
        """How long each answer took, seconds."""
        connection = http.client.HTTPConnection(self._host, timeout=60)
        times: list[float] = []
        until = time.monotonic() + seconds
        with _elsewhere():
            while time.monotonic() < until:
                for path in self._paths:
                    times.append(self._ask(connection, path))
                    time.sleep(PACE_S)
        connection.close()
        return times

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> float:
        begin = time.perf_counter()
        connection.request("GET", path, headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
        return time.perf_counter() - begin
