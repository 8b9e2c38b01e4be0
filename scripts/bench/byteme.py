"""ByteMe as a side: a server of its own, and users who sit before it, their connections open."""

import os
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from client.connection import Connection
from scripts.bench.programs import HELLO, Program
from scripts.bench.sides import Timing, Unfit, docker
from tests.server_process import TERMINAL, ServerProcess

TENANTS = 4
SLOTS = max(2, os.cpu_count() or 2)  # as many as the server has unless told otherwise
PATIENCE_S = 300
LOOK_S = 0.2


class BenchServer(ServerProcess):
    """`pool` sandboxes wait. What is measured must not end at a quota, nor at a token's life."""

    def __init__(
        self, folder: Path, *, pool: int = 0, runtime: str = "runc", slots: int = SLOTS, output_mb: int = 1024
    ) -> None:  # fmt: skip
        folder.mkdir()
        self.pool, self.runtime = pool, runtime
        super().__init__(
            folder,
            BYTEME_WARM_POOL_SIZE=str(pool),
            BYTEME_WARM_MEMORY_MB="8192",
            BYTEME_SANDBOX_RUNTIME=runtime,
            BYTEME_RUN_SLOTS=str(slots),
            BYTEME_QUOTA=f'{{"output_mb": {output_mb}, "parallel_runs": 64}}',
            BYTEME_ACCESS_TOKEN_S="86400",
        )

    def waiting(self) -> int:
        """How many sandboxes wait for a run."""
        return round(sum(value for name, value in self.metrics().items() if name.startswith("byteme_warm_ready{")))

    def containers(self) -> list[str]:
        """As the command shows them: Docker 20.10 may list, without a name, what it has removed long ago."""
        owner = f"label=byteme.owner={self.data_dir.resolve()}"
        return docker("ps", "-a", "--filter", owner, "--format", "{{.Names}}").split()

    def settle(self) -> None:
        """Until the pool is full and there is no container but those in it."""
        deadline = time.monotonic() + PATIENCE_S
        while not (self.waiting() == self.pool == len(self.containers())):
            assert time.monotonic() < deadline, f"the pool of {self.pool} does not fill; see {self.log}"
            time.sleep(LOOK_S)


class Users:
    """Open connections of a few tenants; each has one run under way at most."""

    def __init__(self, server: BenchServer) -> None:
        tokens = [server.token(server.tenant()) for _ in range(TENANTS)]
        self._url, self._tokens = server.url, tokens
        self._free: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._count = 0

    def connect(self, count: int) -> None:
        """At least `count` connections, the tenants' in turn."""
        while self._count < count:
            self._free.put(Connection(self._url, self._tokens[self._count % len(self._tokens)]))
            self._count += 1

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        connection = self._free.get(timeout=PATIENCE_S)
        try:
            yield connection
        finally:
            self._free.put(connection)


class ByteMe:
    """Runs submitted over a connection that is open already. `warm` is what every run must be; None takes any."""

    def __init__(self, name: str, server: BenchServer, warm: bool | None) -> None:
        self.name, self.server, self._warm = name, server, warm
        self._users = Users(server)
        self._users.connect(1)

    def settle(self) -> None:
        self.server.settle()

    def prepare(self, level: int) -> None:
        self._users.connect(level)

    def run(self, program: Program) -> Timing:
        with self._users.connection() as connection, _deadline(connection):
            timing = timed_run(connection, program)
        if self._warm is not None and timing.warm != self._warm:
            raise Unfit(f"{self.name}: the run was {'' if timing.warm else 'not '}warm")
        return timing


class PoolEmpty(ByteMe):
    """A run that comes just when the pool has given its last sandbox away, while that is replaced."""

    def __init__(self, server: BenchServer) -> None:
        super().__init__("ByteMe, pool empty", server, warm=False)

    def run(self, program: Program) -> Timing:
        for _ in range(self.server.pool):
            with self._users.connection() as connection:
                if not timed_run(connection, HELLO).warm:
                    raise Unfit(f"{self.name}: it was empty before")
        return super().run(program)


def timed_run(connection: Connection, program: Program) -> Timing:
    """Submits, follows and checks. The clock runs from before the submission until the client has the event."""
    output, first = b"", 0.0
    begin = time.perf_counter()
    run = connection.call("run:submit", {"files": {"main.py": program.code}})["run"]
    for name, data in _events(connection, run["id"]):
        if name == "run:output":
            first = first or time.perf_counter() - begin
            output += data["data"]
        elif name == "run:state" and data["run"]["state"] in TERMINAL:
            end, run = time.perf_counter() - begin, data["run"]
            break
    program.check(output, run["exit_code"])
    return Timing(first, end, run["warm"])


@contextmanager
def _deadline(connection: Connection) -> Iterator[None]:
    """A run that does not end fails the benchmark, instead of keeping it for ever."""
    timer = threading.Timer(PATIENCE_S, connection.close)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _events(connection: Connection, run_id: str) -> Iterator[tuple[str, Any]]:
    for message in connection.messages():
        data = message.data
        if data and run_id in {data.get("run_id"), data.get("run", {}).get("id")}:
            yield message.name, data
