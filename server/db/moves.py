"""Guarded transitions: every write of a run's state says from where, and by whose lease; zero rows means it lost.

A run changes hands by its lease token. `claim` gives one out; every later write must show it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from server.db.models import Base, Run, RunEvent, User
from server.db.queries import Tenant, is_draining, waiting_tenants
from server.domain.errors import Conflict, StaleLease
from server.domain.fair import load
from server.domain.ids import make_id
from server.domain.quota import Quota, may_start
from server.domain.run import LEASED, TERMINAL, Ending, Reason, State, sources
from server.domain.times import utc_day

_CLAIM_LOCK = 0x627974656D65  # "byteme": serialises claims on PostgreSQL, so that fairness is exact


@dataclass(slots=True)
class Task:
    """What executing a run needs to know of it."""

    id: str
    user_id: str
    state: str
    created_at: datetime
    started_at: datetime | None
    stop_cause: str | None
    files: dict[str, str]
    entrypoint: str
    args: list[str]
    env: dict[str, str]
    datasets: list[dict[str, str]]
    secrets: list[str] | None
    limits: dict[str, Any]
    network: str
    image_alias: str | None
    output_limit_bytes: int
    interactive: bool
    trace: list[dict[str, Any]] | None
    quota: dict[str, Any]  # what is its owner's own


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to execute a run, until somebody else has it."""

    run_id: str
    token: str
    attempt: int
    worker: str
    task: Task = field(compare=False, repr=False)


# On the way of every run, so they are made once, and in Core: the ORM's part would be most of their time. What
# columns an update sets, the parameters say.
_RUNS = Base.metadata.tables["runs"]
_EVENTS = insert(Base.metadata.tables["run_events"])
_TASK = [_RUNS.c[name] for name in Task.__slots__ if name != "quota"]
_ANY_QUEUED = select(_RUNS.c.id).where(_RUNS.c.state == State.QUEUED).limit(1)
_TAKE = (
    update(_RUNS)
    .where(_RUNS.c.id == bindparam("run_id"), _RUNS.c.state == State.QUEUED)
    .values(attempt=_RUNS.c.attempt + 1, state=State.STARTING)
    .returning(*_TASK, _RUNS.c.attempt)
)
_OF_LEASE = (_RUNS.c.id == bindparam("run_id")) & (_RUNS.c.lease_token == bindparam("token"))
_MOVE = update(_RUNS).where(_OF_LEASE, _RUNS.c.state.in_(bindparam("sources", expanding=True)))
_MOVE_UNLESS_CANCELLED = _MOVE.where(_RUNS.c.cancel_requested_at.is_(None))
_BEAT = update(_RUNS).where(_OF_LEASE, _RUNS.c.state.in_(sorted(LEASED))).returning(_RUNS.c.cancel_requested_at)
_STOP = update(_RUNS).where(_OF_LEASE)
_CHARGE = text(
    "insert into daily_use (user_id, day, runs, cpu_s) "
    "select user_id, cast(:day as varchar(10)), 0, cpu_s from runs where id = :run_id "
    "on conflict (user_id, day) do update set cpu_s = daily_use.cpu_s + excluded.cpu_s"
)


def claim(
    session: Session, worker: str, now: datetime, lease_s: float, quota: Quota, lacking: Collection[str] = ()
) -> Lease | None:
    """Takes the fairest queued run: of the tenants with work that may start one, the one with the least running for its
    weight goes first, its oldest run first. None when there is nothing to do, or an operator lets none start.

    Runs on images (by alias) that the worker is `lacking` are left to others.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CLAIM_LOCK})
    while tenant := _fairest(session, quota, now, lacking):
        run_id = tenant.first
        token = make_id(int(now.timestamp() * 1000))
        row = session.execute(_TAKE, {"run_id": run_id} | _lease_values(token, worker, now, lease_s)).mappings().first()
        if row is not None:  # else it was cancelled at this very moment: look again
            lease = Lease(run_id, token, row["attempt"], worker, _task(row, tenant.own_quota))
            _note(session, lease, State.STARTING, now)
            return lease
    return None


def is_any_queued(session: Session) -> bool:
    """Does any run wait."""
    return session.execute(_ANY_QUEUED).first() is not None


def is_any_claimable(session: Session, quota: Quota, now: datetime, lacking: Collection[str] = ()) -> bool:
    """Would `claim` find a run."""
    return _fairest(session, quota, now, lacking) is not None


def _fairest(session: Session, quota: Quota, now: datetime, lacking: Collection[str]) -> Tenant | None:
    """The tenant whose turn it is. None while runs are not to start."""
    if is_draining(session):
        return None
    ready = [t for t in waiting_tenants(session, quota, now, lacking) if may_start(t.quota, t.running, t.cpu_s)]
    return min(ready, key=lambda tenant: (load(tenant.running, tenant.quota.weight), tenant.first), default=None)


def take_over(session: Session, run_id: str, worker: str, now: datetime, lease_s: float) -> Lease:
    """A new lease on a run whose worker is gone, without changing its state or attempt. Raises StaleLease unless its
    lease has run out or `worker` itself held it in an earlier life."""
    run = session.get(Run, run_id)
    if run is None or run.state not in LEASED:
        raise StaleLease
    if run.worker != worker and run.lease_until is not None and run.lease_until > now:
        raise StaleLease
    token = make_id(int(now.timestamp() * 1000))
    same = update(Run).where(Run.id == run_id, Run.lease_token == run.lease_token)
    _require_one(session.execute(same.values(_lease_values(token, worker, now, lease_s))))
    row = session.execute(select(*_TASK).where(_RUNS.c.id == run_id)).mappings().one()
    return Lease(run_id, token, run.attempt, worker, _task(row, session.get_one(User, run.user_id).quota))


def heartbeat(session: Session, lease: Lease, now: datetime, lease_s: float) -> bool:
    """Prolongs the lease; True when the run's owner wants it cancelled. Raises StaleLease."""
    until = now + timedelta(seconds=lease_s)
    result = session.execute(_BEAT, _of(lease) | {"lease_until": until}).one_or_none()
    if result is None:
        raise StaleLease
    return result[0] is not None


def note_stop(session: Session, lease: Lease, cause: str) -> None:
    """Why we end the run ourselves, for whoever may have to carry it on."""
    session.execute(_STOP, _of(lease) | {"stop_cause": cause})


def begin(session: Session, lease: Lease, now: datetime, **values: Any) -> bool:
    """The move to `running`, unless the run's owner wants it cancelled: then False, and nothing is changed. Raises
    StaleLease."""
    guard = {"sources": sorted(sources(State.RUNNING))}
    row = _of(lease) | guard | values | {"state": State.RUNNING}
    if session.execute(_MOVE_UNLESS_CANCELLED, row).rowcount != 1:  # type: ignore[attr-defined]
        return _refuse_cancelled(session, lease)
    _note(session, lease, State.RUNNING, now)
    return True


def move(
    session: Session, lease: Lease, to: State, now: datetime, *, reason: Reason | None = None, **values: Any
) -> None:
    """The guarded transition of a leased run. Raises StaleLease when the lease or the state is no longer so."""
    guard = {"sources": sorted(sources(to))}
    _require_one(session.execute(_MOVE, _of(lease) | guard | values | {"state": to, "reason": reason}))
    _note(session, lease, to, now, reason)


def finish(session: Session, lease: Lease, ending: Ending, now: datetime, **values: Any) -> None:
    """The one terminal transition of a leased run; the CPU-seconds it used are its tenant's, of the day it ends on.
    Raises StaleLease."""
    values |= {"exit_code": ending.exit_code, "message": ending.message, "finished_at": now, "lease_token": None}
    move(session, lease, ending.state, now, reason=ending.reason, **values)
    session.execute(_CHARGE, {"run_id": lease.run_id, "day": utc_day(now)})


def requeue(session: Session, lease: Lease, now: datetime, **values: Any) -> None:
    """Back into the queue: its program has not begun. Raises StaleLease."""
    move(session, lease, State.QUEUED, now, lease_token=None, lease_until=None, worker=None, **values)


def request_cancel(session: Session, run_id: str, now: datetime) -> State:
    """Asks for a run's end and returns its state after: a queued run is cancelled at once. Raises Conflict if ended."""
    died = session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == State.QUEUED)
        .values(state=State.CANCELLED, message="Cancelled before it started.", cancel_requested_at=now, finished_at=now)
        .returning(Run.attempt)
    ).one_or_none()
    if died is not None:
        session.add(RunEvent(run_id=run_id, time=now, state=State.CANCELLED, attempt=died[0]))
        return State.CANCELLED
    run = session.get_one(Run, run_id, with_for_update=True, populate_existing=True)
    if run.state in TERMINAL:
        raise Conflict("The run has ended already.")
    run.cancel_requested_at = run.cancel_requested_at or now
    return State(run.state)


def _refuse_cancelled(session: Session, lease: Lease) -> bool:
    """False. Raises StaleLease unless a cancel is why a move of the lease's run was refused."""
    asked = select(_RUNS.c.cancel_requested_at).where(_OF_LEASE, _RUNS.c.state.in_(sorted(LEASED)))
    if session.scalar(asked, _of(lease)) is None:
        raise StaleLease
    return False


def _of(lease: Lease) -> dict[str, Any]:
    return {"run_id": lease.run_id, "token": lease.token}


def _lease_values(token: str, worker: str, now: datetime, lease_s: float) -> dict[str, Any]:
    return {"lease_token": token, "lease_until": now + timedelta(seconds=lease_s), "worker": worker}


def _task(row: RowMapping, own_quota: dict[str, Any]) -> Task:
    return Task(**{column.name: row[column] for column in _TASK}, quota=own_quota)


def _note(session: Session, lease: Lease, to: State, now: datetime, reason: Reason | None = None) -> None:
    """One line of the run's history."""
    event = {"run_id": lease.run_id, "time": now, "state": to, "reason": reason}
    session.execute(_EVENTS, event | {"worker": lease.worker, "attempt": lease.attempt})


def _require_one(result: Any) -> None:
    if result.rowcount != 1:
        raise StaleLease
