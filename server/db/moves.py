"""Guarded transitions: every write of a run's state says from where, and by whose lease; zero rows means it lost.

A run changes hands by its lease token. `claim` gives one out; every later write must show it.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from server.db.models import Run, RunEvent, User
from server.domain.errors import Conflict, StaleLease
from server.domain.ids import make_id
from server.domain.quota import Quota
from server.domain.run import LEASED, TERMINAL, Ending, Reason, State, sources

_CLAIM_LOCK = 0x627974656D65  # "byteme": serialises claims on PostgreSQL, so that fairness is exact


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to execute a run, until somebody else has it."""

    run_id: str
    token: str
    attempt: int
    worker: str


def claim(session: Session, worker: str, now: datetime, lease_s: float, quota: Quota) -> Lease | None:
    """Takes the fairest queued run: of the tenants with work and below their parallel quota, the one with the least
    running goes first, its oldest run first. None when there is nothing to do."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CLAIM_LOCK})
    while run_id := _fairest(session, quota):
        run = session.get_one(Run, run_id, populate_existing=True)
        lease = Lease(run.id, make_id(int(now.timestamp() * 1000)), run.attempt + 1, worker)
        values = {"lease_token": lease.token, "lease_until": now + timedelta(seconds=lease_s), "worker": worker}
        guard = Run.state == State.QUEUED
        with suppress(StaleLease):  # it was cancelled at this very moment: look again
            _write(session, _event(lease, State.STARTING, now), guard, values | {"attempt": lease.attempt})
            return lease
    return None


def is_any_queued(session: Session) -> bool:
    """Does any run wait."""
    return session.execute(select(Run.id).where(Run.state == State.QUEUED).limit(1)).first() is not None


def is_any_claimable(session: Session, quota: Quota) -> bool:
    """Would `claim` find a run."""
    return _fairest(session, quota) is not None


def _fairest(session: Session, quota: Quota) -> str | None:
    queued = session.execute(
        select(Run.user_id, func.min(Run.id)).where(Run.state == State.QUEUED).group_by(Run.user_id)
    ).all()
    if not queued:
        return None
    running: dict[str, int] = dict(
        session.execute(select(Run.user_id, func.count()).where(Run.state.in_(LEASED)).group_by(Run.user_id)).all()
    )
    overrides: dict[str, Any] = dict(session.execute(select(User.id, User.quota)).all()) if running else {}
    ready = [
        (running.get(tenant, 0), run_id)
        for tenant, run_id in queued
        if running.get(tenant, 0) < quota.with_overrides(overrides.get(tenant) or {}).parallel_runs
    ]
    return min(ready)[1] if ready else None


def take_over(session: Session, run_id: str, worker: str, now: datetime, lease_s: float) -> Lease:
    """A new lease on a run whose worker is gone, without changing its state or attempt. Raises StaleLease unless its
    lease has run out or `worker` itself held it in an earlier life."""
    run = session.get(Run, run_id)
    if run is None or run.state not in LEASED:
        raise StaleLease
    if run.worker != worker and run.lease_until is not None and run.lease_until > now:
        raise StaleLease
    lease = Lease(run.id, make_id(int(now.timestamp() * 1000)), run.attempt, worker)
    values = {"lease_token": lease.token, "lease_until": now + timedelta(seconds=lease_s), "worker": worker}
    result = session.execute(update(Run).where(Run.id == run_id, Run.lease_token == run.lease_token).values(values))
    _require_one(result)
    return lease


def heartbeat(session: Session, lease: Lease, now: datetime, lease_s: float) -> bool:
    """Prolongs the lease; True when the run's owner wants it cancelled. Raises StaleLease."""
    result = session.execute(
        update(Run)
        .where(Run.id == lease.run_id, Run.lease_token == lease.token, Run.state.in_(LEASED))
        .values(lease_until=now + timedelta(seconds=lease_s))
        .returning(Run.cancel_requested_at)
    ).one_or_none()
    if result is None:
        raise StaleLease
    return result[0] is not None


def move(session: Session, lease: Lease, to: State, now: datetime, **values: Any) -> None:
    """The guarded transition of a leased run. Raises StaleLease when the lease or the state is no longer so."""
    guard = (Run.lease_token == lease.token) & Run.state.in_(sources(to))
    _write(session, _event(lease, to, now), guard, values)


def finish(session: Session, lease: Lease, ending: Ending, now: datetime, **values: Any) -> None:
    """The one terminal transition of a leased run. Raises StaleLease."""
    guard = (Run.lease_token == lease.token) & Run.state.in_(sources(ending.state))
    values |= {"exit_code": ending.exit_code, "message": ending.message, "finished_at": now, "lease_token": None}
    _write(session, _event(lease, ending.state, now, ending.reason), guard, values)


def requeue(session: Session, lease: Lease, now: datetime) -> None:
    """Back into the queue: its program has not begun. Raises StaleLease."""
    move(session, lease, State.QUEUED, now, lease_token=None, lease_until=None, worker=None)


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


def _write(session: Session, event: RunEvent, guard: Any, values: dict[str, Any]) -> None:
    """Sets the run's state to the event's, if `guard` holds, and writes the event."""
    row = values | {"state": event.state, "reason": event.reason}
    _require_one(session.execute(update(Run).where(Run.id == event.run_id, guard).values(row)))
    session.add(event)


def _event(lease: Lease, to: State, now: datetime, reason: Reason | None = None) -> RunEvent:
    return RunEvent(run_id=lease.run_id, time=now, state=to, reason=reason, worker=lease.worker, attempt=lease.attempt)


def _require_one(result: Any) -> None:
    if result.rowcount != 1:
        raise StaleLease
