"""Questions that more than one service asks. None writes a run's state: that is `moves`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Select, bindparam, case, func, insert, select, text
from sqlalchemy.orm import Session

from server.db.models import Base, DailyUse, Run, User
from server.domain.fair import Waiting, turn_order
from server.domain.ids import make_id
from server.domain.image import DEFAULT_ALIAS
from server.domain.policy import Actor
from server.domain.quota import DayUse, Quota
from server.domain.run import LEASED, State
from server.domain.times import end_of_day, utc_day
from server.domain.wait import Lane, Place, places, run_seconds

Row = TypeVar("Row", bound=Base)
Page = tuple[list[dict[str, Any]], str | None]  # items, and the cursor of what follows


# On the way of every run, so they are made once, and in Core: the ORM's part would be most of their time.
_RUNS, _DATASETS, _UPLOADS, _USERS, _DAYS = (
    Base.metadata.tables[name] for name in ("runs", "datasets", "uploads", "users", "daily_use")
)
_DRAINING = select(Base.metadata.tables["notice"].c.draining)
_AUDIT = insert(Base.metadata.tables["audit"])
_OWNER: BindParameter[str] = bindparam("user_id")
_USER = select(_USERS.c.quota).where(_USERS.c.id == _OWNER).with_for_update(key_share=True)
_STORED = func.coalesce(func.sum(_RUNS.c.artifact_bytes + _RUNS.c.output_bytes), 0)
_UPLOADED = func.coalesce(func.sum(_DATASETS.c.bytes), 0)
_COMING = func.coalesce(func.sum(_UPLOADS.c.bytes), 0)
_STORAGE = select(
    select(_STORED).where(_RUNS.c.user_id == _OWNER).scalar_subquery()
    + select(_UPLOADED).where(_DATASETS.c.user_id == _OWNER).scalar_subquery()
    + select(_COMING).where(_UPLOADS.c.user_id == _OWNER).scalar_subquery()
)
_IS_QUEUED, _IS_OWN = _RUNS.c.state == State.QUEUED, _RUNS.c.user_id == _OWNER
_LIVE = select(
    *(
        func.coalesce(func.sum(case((which, 1), else_=0)), 0)
        for which in (_IS_QUEUED, _IS_QUEUED & _IS_OWN, ~_IS_QUEUED, ~_IS_QUEUED & _IS_OWN)
    )
).where(_RUNS.c.state.in_(sorted({State.QUEUED, *LEASED})))
_OTHERS = _RUNS.alias()


def _tenants(*which: Any) -> Select[Any]:
    """The tenants with queued runs, those that are `which`: their oldest, and what of their quota is used."""
    queues = (
        select(_RUNS.c.user_id, func.min(_RUNS.c.id).label("first"))
        .where(_RUNS.c.state == State.QUEUED, *which)
        .group_by(_RUNS.c.user_id)
        .subquery()
    )
    running = (
        select(func.count())
        .where(_OTHERS.c.user_id == queues.c.user_id, _OTHERS.c.state.in_(sorted(LEASED)))
        .scalar_subquery()
    )
    used = select(_DAYS.c.cpu_s).where(_DAYS.c.user_id == queues.c.user_id, _DAYS.c.day == bindparam("day"))
    return select(
        queues.c.user_id, queues.c.first, _USERS.c.quota, running, func.coalesce(used.scalar_subquery(), 0.0)
    ).join(_USERS, _USERS.c.id == queues.c.user_id)


_TENANTS = _tenants()
_TENANTS_WITHOUT = _tenants(
    func.coalesce(_RUNS.c.image_alias, DEFAULT_ALIAS).not_in(bindparam("lacking", expanding=True))
)
_COUNT = text(
    "insert into daily_use (user_id, day, runs, cpu_s) values (:user_id, :day, 1, 0) "
    "on conflict (user_id, day) do update set runs = daily_use.runs + 1 returning runs - 1, cpu_s"
)
_RECENT = 50  # ended runs that say how long one takes


@dataclass(frozen=True, slots=True)
class Live:
    """How many runs are queued or on their way, and how many of these are one tenant's own."""

    queued: int
    own_queued: int
    running: int
    own_running: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The queued runs: where each stands, the room there is for all of them, and each tenant's own."""

    places: dict[str, Place]
    everybodys: Lane
    lanes: dict[str, Lane]
    draining: bool


@dataclass(frozen=True, slots=True)
class Tenant:
    """One with work in the queue: its oldest run, its quota, what it runs now, and the CPU-seconds of its day."""

    id: str
    first: str
    own_quota: dict[str, Any]
    quota: Quota
    running: int
    cpu_s: float


def audit(session: Session, now: datetime, actor_id: str | None, verb: str, thing: str, **detail: Any) -> None:
    """Writes who did what, in the transaction that does it."""
    entry_id = make_id(int(now.timestamp() * 1000))
    entry = {"id": entry_id, "time": now, "actor_id": actor_id, "verb": verb, "thing": thing, "detail": detail}
    session.execute(_AUDIT, entry)


def lock_user(session: Session, actor: Actor, quota: Quota) -> Quota:
    """The actor's quota: the platform's with what an operator changed. Its row is held until the transaction ends:
    what is counted under it stays so."""
    return quota.with_overrides(session.execute(_USER, {"user_id": actor.id}).scalar_one() or {})


def quota_of(user: User, quota: Quota) -> Quota:
    """A tenant's quota: the platform's with what an operator changed."""
    return quota.with_overrides(user.quota or {})


def count_runs(session: Session, user_id: str, *states: State) -> int:
    query = select(func.count()).select_from(Run).where(Run.user_id == user_id, Run.state.in_(states))
    return session.scalars(query).one()


def storage_bytes(session: Session, user_id: str) -> int:
    """What a tenant's datasets, uploads (as large as they will be), artifacts and outputs take up."""
    return int(session.execute(_STORAGE, {"user_id": user_id}).scalar_one())


def count_run(session: Session, user_id: str, now: datetime) -> DayUse:
    """Counts one more run of the tenant's day, and what was used of the day before it."""
    return DayUse(*session.execute(_COUNT, {"user_id": user_id, "day": utc_day(now)}).one())


def day_use(session: Session, user_id: str, now: datetime) -> DayUse:
    """What the tenant has used of the day."""
    found = session.get(DailyUse, (user_id, utc_day(now)))
    return DayUse(found.runs, found.cpu_s) if found else DayUse()


def count_live(session: Session, user_id: str) -> Live:
    """The runs that have not ended, of all tenants and of this one."""
    return Live(*map(int, session.execute(_LIVE, {"user_id": user_id}).one()))


def waiting_tenants(session: Session, quota: Quota, now: datetime, lacking: Collection[str] = ()) -> list[Tenant]:
    """The tenants with work in the queue, runs on the images `lacking` aside; `quota` is the platform's."""
    query, values = (_TENANTS_WITHOUT, {"lacking": sorted(lacking)}) if lacking else (_TENANTS, {})
    rows = session.execute(query, {"day": utc_day(now), **values})
    return [
        Tenant(user_id, first, own or {}, quota.with_overrides(own or {}), running, cpu_s)
        for user_id, first, own, running, cpu_s in rows
    ]


def is_draining(session: Session) -> bool:
    """Has an operator said that no run is to start."""
    return bool(session.scalar(_DRAINING))


def look_at_queue(session: Session, quota: Quota, slots: int, now: datetime) -> Queue:
    """The queue; `quota` is the platform's. While it drains nobody can tell how long a run waits."""
    queued = session.execute(select(Run.id, Run.user_id, Run.created_at).where(Run.state == State.QUEUED))
    waiting = [Waiting(*row) for row in queued]
    tenants = waiting_tenants(session, quota, now) if waiting else []
    running, weights = {t.id: t.running for t in tenants}, {t.id: t.quota.weight for t in tenants}
    going = _going(session)
    lanes = {tenant.id: _lane(tenant, now) for tenant in tenants}
    waiting = [run for run in waiting if run.tenant in lanes]  # another host may have taken one between the two looks
    each_s = run_seconds(_recent_seconds(session), _ages(going, now))
    everybodys, draining = Lane(slots, len(going)), is_draining(session)
    found = places(turn_order(waiting, running, weights), everybodys, lanes, each_s)
    if draining:
        found = {run_id: replace(place, wait_s=None) for run_id, place in found.items()}
    return Queue(found, everybodys, lanes, draining)


def queue_places(session: Session, quota: Quota, slots: int, now: datetime) -> dict[str, Place]:
    """Of each queued run, when its turn comes, and how long that is likely to take."""
    return look_at_queue(session, quota, slots, now).places


def _lane(tenant: Tenant, now: datetime) -> Lane:
    used_up = tenant.cpu_s >= tenant.quota.cpu_s_per_day
    closed_s = (end_of_day(now) - now).total_seconds() if used_up else 0.0
    return Lane(tenant.quota.parallel_runs, tenant.running, closed_s)


def _going(session: Session) -> list[datetime | None]:
    """When each of the runs that are on their way started, if it has."""
    return list(session.scalars(select(Run.started_at).where(Run.state.in_(LEASED))))


def _ages(started: Iterable[datetime | None], now: datetime) -> list[float]:
    return [max(0.0, (now - time).total_seconds()) for time in started if time is not None]


def _recent_seconds(session: Session) -> list[float]:
    """How long the runs lasted that ended last."""
    ended = select(Run.started_at, Run.finished_at).where(Run.finished_at.is_not(None), Run.started_at.is_not(None))
    rows = session.execute(ended.order_by(Run.finished_at.desc()).limit(_RECENT))
    return [(end - begin).total_seconds() for begin, end in rows if begin and end]


def newest_first(
    session: Session, query: Select[Row], model: Any, limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    """A page of rows whose ids sort by age, after the row that `cursor` names, and the cursor of the next page."""
    if cursor is not None:
        query = query.where(model.id < cursor)
    rows = list(session.scalars(query.order_by(model.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None  # type: ignore[attr-defined]
