"""One server's worth of services on an engine in memory, for tests of the workers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.db import moves
from server.db.models import Base, RunEvent, User
from server.domain.policy import Actor, Role
from server.domain.ports import Job, SandboxSpec
from server.domain.run import Limits, RunSpec, State
from server.engine.fake import IMAGE, FakeEngine, FakeSandbox, Script
from server.settings import load
from server.wiring import build
from tests.waiting import eventually

LONG_AGO = timedelta(hours=1)
ACTOR = Actor("u" * 32, "a@example.com", Role.USER, "session")


class Bench:
    """One server's worth of services; the test decides when a run is executed."""

    def __init__(self, folder: Path, quota: str = "{}", **settings: str) -> None:
        environ = {
            "BYTEME_DATA_DIR": str(folder),
            "BYTEME_MIN_FREE_DISK_MB": "0",
            "BYTEME_LEASE_S": "600",  # no heartbeat but when somebody asks for it
            "BYTEME_QUOTA": quota,
            "BYTEME_WARM_POOL_SIZE": "0",
        } | settings
        self.engine = FakeEngine()
        self.services = build(load(environ, dotenv=None), engine=self.engine)
        self.executor, self.db, self.logs = self.services.executor, self.services.db, self.services.logs
        Base.metadata.create_all(self.db.engine)
        with self.db.transaction() as session:
            session.add(User(id=ACTOR.id, email=ACTOR.email, password_hash="", role="user", quota={}, created_at=now()))

    def submit(self, **request: Any) -> str:
        spec = RunSpec(**{"files": {"main.py": "print(1)"}, **request})
        return str(self.services.runs.submit(ACTOR, spec, interactive=True)["id"])

    def execute(self, script: Script, **request: Any) -> dict[str, Any]:
        """A run that this script is the program of, after its end."""
        self.engine.script = script
        run_id = self.submit(**request)
        assert self.executor.run_next()
        return self.run(run_id)

    def run(self, run_id: str) -> dict[str, Any]:
        return self.services.runs.get(ACTOR, run_id)

    def output(self, run_id: str) -> bytes:
        return b"".join(self.services.runs.output(run_id, 0, 1 << 40))

    def states(self, run_id: str) -> list[str]:
        """The run's history."""
        with self.db.transaction() as session:
            return list(session.scalars(select(RunEvent.state).where(RunEvent.run_id == run_id).order_by(RunEvent.id)))

    def eventually_in(self, run_id: str, state: str) -> None:
        eventually(lambda: self.run(run_id)["state"] == state, f"the run to be {state}", 10)

    def left_by_a_crash(self, state: State, script: Script, stored: int = 0, started: timedelta = timedelta(0)) -> str:
        """A run in `state` whose worker is gone, its sandbox and `stored` pieces of its output still there."""
        self.engine.script = script
        run_id, then = self.submit(), now() - LONG_AGO
        with self.db.transaction() as session:
            lease = moves.claim(session, "gone", then, 30, self.services.settings.quota)
        assert lease is not None
        sandbox = self.engine.open(SandboxSpec(f"run-{run_id}-1", run_id, 1, IMAGE.digest, Limits()))
        sandbox.put({"main.py": b"print(1)"})
        if state is not State.STARTING:
            sandbox.start(Job(("main.py",)))
            with self.db.transaction() as session:
                moves.move(session, lease, State.RUNNING, then, started_at=now() - started)
            pieces = self.sandbox._said if state is State.COLLECTING else self.sandbox._said[:stored]
            self.logs.append(run_id, pieces)
            self.logs.seal(run_id)
        if state is State.COLLECTING:
            with self.db.transaction() as session:
                moves.move(session, lease, State.COLLECTING, then)
        return run_id

    @property
    def sandbox(self) -> FakeSandbox:
        """The one opened last."""
        return self.engine.opened[-1]

    def close(self) -> None:
        self.executor.settle(5)  # a removal that comes late is seen by the next test, whose sandboxes have the same ids
        self.db.close()


def now() -> datetime:
    return datetime.now(UTC)
