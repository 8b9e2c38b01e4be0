"""The soak itself: tenants who submit and watch, and somebody who kills."""

import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import docker

from client import Client, Output
from client.errors import ApiError, ConnectionFailed
from scripts.soak import programs
from scripts.soak.count import Tally, check_history, check_host, check_run
from tests.faults.private_engine import IMAGE, PrivateEngine
from tests.server_process import TERMINAL, ServerProcess
from tests.waiting import eventually

TENANTS = 4
IN_FLIGHT = 40  # runs that wait or run, all tenants together
WATCH_EVERY = 8  # of the runs one in so many is watched live, over all that happens
AWAY_S = 120.0  # for which a client tries again
ENGINE_AWAY_S = 4.0  # the longest
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Plan:
    """`kill_every_s`: the longest pause between two kills. `must_kill`: at least so many, however fast the runs are."""

    runs: int
    seed: int
    kill_every_s: float = 6.0
    minutes: float = 60.0
    must_kill: int = 0


@dataclass(frozen=True, slots=True)
class Submitted:
    tenant: Client
    run_id: str
    number: int


class Soak:
    """One server on one engine, `plan.runs` runs, and kills in between."""

    def __init__(self, server: ServerProcess, plan: Plan, engine: PrivateEngine) -> None:
        self.server, self.plan, self.engine, self.tally = server, plan, engine, Tally()
        self._dice = random.Random(plan.seed)
        self._tenants = [server.tenant() for _ in range(TENANTS)]
        self._runs: list[Submitted] = []
        self._hit: set[str] = set()
        self._watchers: list[threading.Thread] = []
        self._heard: dict[str, bytes] = {}

    def run(self) -> Tally:
        """Everything, and what it came to."""
        with ThreadPoolExecutor(1) as hands:
            over = threading.Event()
            killer = hands.submit(self._kill_until, over)
            try:
                self._submit_all()
                eventually(self._have_all_ended, "all runs to end", 600)
                eventually(lambda: sum(self.tally.done.values()) >= self.plan.must_kill, "enough kills", 120)
            finally:
                over.set()
            killer.result()
        for watcher in self._watchers:
            watcher.join(AWAY_S)
        self._count()
        return self.tally

    # what tenants do

    def _submit_all(self) -> None:
        until = time.monotonic() + 60 * self.plan.minutes
        for number in range(self.plan.runs):
            if time.monotonic() >= until:
                break
            eventually(self._has_room, "runs to end", 600)
            self._submit(number, self._tenants[number % TENANTS])

    def _submit(self, number: int, tenant: Client) -> None:
        request = {"files": {"main.py": programs.source(number)}, "limits": {"memory_mb": 128, "disk_mb": 32}}
        run_id = self._insist(lambda: tenant.submit(request, idempotency_key=f"soak-{number}").id)
        self._runs.append(Submitted(tenant, run_id, number))
        self.tally.submitted += 1
        if number % WATCH_EVERY == 0:
            watcher = threading.Thread(target=self._watch, args=(tenant, run_id))
            self._watchers.append(watcher)
            watcher.start()

    def _watch(self, tenant: Client, run_id: str) -> None:
        """To the end, from the byte reached, over whatever happens to the server."""

        def follow() -> None:
            for event in tenant.follow(run_id, offset=len(self._heard[run_id])):
                if isinstance(event, Output):
                    self._heard[run_id] += event.data

        self._heard[run_id] = b""
        self._insist(follow)

    def _has_room(self) -> bool:
        return self._unended() < IN_FLIGHT

    def _have_all_ended(self) -> bool:
        return self._unended() == 0

    def _unended(self) -> int:
        def look() -> int:
            return sum(run.state not in TERMINAL for tenant in self._tenants for run in tenant.runs(limit=100))

        return self._insist(look)

    def _insist(self, call: Callable[[], Answer]) -> Answer:
        """The answer, though the server be away for a while."""
        until = time.monotonic() + AWAY_S
        while True:
            try:
                return call()
            except (ConnectionFailed, ApiError) as error:
                if time.monotonic() >= until or (isinstance(error, ApiError) and error.status < 500):
                    raise
            time.sleep(0.1)

    # what is done to them

    def _kill_until(self, over: threading.Event) -> None:
        acts = [self._kill_server, self._kill_server, self._stop_server, self._kill_container, self._remove_container]
        acts += [self._kill_engine, self._kill_engine]
        turn = 0
        while not over.wait(self._dice.uniform(0.2, 1) * self.plan.kill_every_s):
            self._dice.choice(acts)() if turn >= len(acts) else acts[turn]()
            turn += 1

    def _kill_server(self) -> None:
        self.server.kill()
        self.tally.done["server killed"] += 1
        if self._dice.random() < 0.3:  # sometimes a container dies with it
            self._end_container(lambda api, name: api.remove_container(name, force=True), "container removed")
        self.server.start()

    def _stop_server(self) -> None:
        self.server.stop()
        self.tally.done["server stopped"] += 1
        self.server.start()

    def _kill_engine(self) -> None:
        """Sometimes the server dies while it is away. Any run under way may be lost, for it may have been half started;
        that others live on with live-restore is what tests/faults/test_engine_death.py is about."""
        how, finds_again = self._dice.choice([signal.SIGKILL, signal.SIGTERM]), self._dice.random() < 0.5
        self._hit |= self._under_way()
        self.engine.end(how)
        self._hit |= self._under_way()
        if self._dice.random() < 0.3:
            self.server.kill()
            self.tally.done["server killed"] += 1
            self.server.start()
        time.sleep(self._dice.uniform(0, ENGINE_AWAY_S))
        self.engine.start(live_restore=finds_again)
        told = "killed" if how is signal.SIGKILL else "stopped"
        self.tally.done[f"engine {told}, then live-restore {'on' if finds_again else 'off'}"] += 1

    def _under_way(self) -> set[str]:
        """The runs that may have a container, whether the server is there or not."""
        query = "select id from runs where state in ('starting', 'running', 'collecting')"
        with closing(sqlite3.connect(self.server.data_dir / "byteme.db")) as database:
            return {run_id for (run_id,) in database.execute(query)}

    def _kill_container(self) -> None:
        self._end_container(lambda api, name: api.kill(name), "container killed")

    def _remove_container(self) -> None:
        self._end_container(lambda api, name: api.remove_container(name, force=True), "container removed")

    def _end_container(self, end: Callable[[docker.APIClient, str], None], what: str) -> None:
        """One of those that are there, if any: whatever it is at."""
        api = self.server.engine()
        names = [name for name in self.server.containers() if name.startswith("run-")]
        if names:
            name = self._dice.choice(sorted(names))
            self._hit.add(name.split("-")[1])
            with suppress(docker.errors.APIError):
                end(api, name)
                self.tally.done[what] += 1
        api.close()

    # what it came to

    def _count(self) -> None:
        for run in self._runs:
            expected, was_hit = programs.expected(run.number), run.run_id in self._hit
            check_run(self.tally, run.tenant, run.run_id, expected, was_hit=was_hit)
            if run.run_id in self._heard and self._heard[run.run_id] != b"".join(run.tenant.output(run.run_id)):
                self.tally.note("wrong live output", run.run_id)
        check_history(self.tally, self.server.data_dir)
        with suppress(AssertionError):
            eventually(self._is_host_clean, "nothing to be left", 60)
        check_host(self.tally, self.server)

    def _is_host_clean(self) -> bool:
        look = Tally()
        check_host(look, self.server)
        return look.is_clean


def soak(folder: Path, plan: Plan, **settings: str) -> Tally:
    """On an engine and a server of its own, the server's data below `folder`; both gone afterwards."""
    with PrivateEngine() as engine:
        there = {"BYTEME_DOCKER_HOST": engine.url, "BYTEME_SANDBOX_IMAGE": IMAGE}
        with ServerProcess(folder, **there, **settings) as server:
            return Soak(server, plan, engine).run()
