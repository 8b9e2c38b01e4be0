"""Questions that more than one service asks. None writes a run's state: that is `moves`."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Select, bindparam, case, func, insert, select
from sqlalchemy.orm import Session

from server.db.models import Base, Run, User
from server.domain.fair import Waiting, turn_order
from server.domain.ids import make_id
from server.domain.policy import Actor
from server.domain.quota import Quota
from server.domain.run import LEASED, State

Row = TypeVar("Row", bound=Base)
Page = tuple[list[dict[str, Any]], str | None]  # items, and the cursor of what follows


# On the way of every run, so they are made once, and in Core: the ORM's part would be most of their time.
_RUNS, _DATASETS, _USERS = (Base.metadata.tables[name] for name in ("runs", "datasets", "users"))
_AUDIT = insert(Base.metadata.tables["audit"])
_OWNER: BindParameter[str] = bindparam("user_id")
_USER = select(_USERS.c.quota).where(_USERS.c.id == _OWNER).with_for_update(key_share=True)
_STORED = func.coalesce(func.sum(_RUNS.c.artifact_bytes + _RUNS.c.output_bytes), 0)
_UPLOADED = func.coalesce(func.sum(_DATASETS.c.bytes), 0)
_STORAGE = select(
    select(_STORED).where(_RUNS.c.user_id == _OWNER).scalar_subquery()
    + select(_UPLOADED).where(_DATASETS.c.user_id == _OWNER).scalar_subquery()
)
_QUEUE = select(func.count(), func.coalesce(func.sum(case((_RUNS.c.user_id == _OWNER, 1), else_=0)), 0)).where(
    _RUNS.c.state == State.QUEUED
)


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
    """What a tenant's datasets, artifacts and outputs take up."""
    return int(session.execute(_STORAGE, {"user_id": user_id}).scalar_one())


def count_queued(session: Session, user_id: str) -> tuple[int, int]:
    """How many runs are queued: of all tenants, and of this one."""
    everybodys, own = session.execute(_QUEUE, {"user_id": user_id}).one()
    return int(everybodys), int(own)


def queue_positions(session: Session) -> dict[str, int]:
    """Of each queued run, when its turn comes; 1 is next."""
    queued = session.execute(select(Run.id, Run.user_id, Run.created_at).where(Run.state == State.QUEUED))
    running = session.execute(select(Run.user_id, func.count()).where(Run.state.in_(LEASED)).group_by(Run.user_id))
    order = turn_order((Waiting(*row) for row in queued), dict(running.all()))
    return {waiting.run_id: place for place, waiting in enumerate(order, 1)}


def newest_first(
    session: Session, query: Select[Row], model: Any, limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    """A page of rows whose ids sort by age, after the row that `cursor` names, and the cursor of the next page."""
    if cursor is not None:
        query = query.where(model.id < cursor)
    rows = list(session.scalars(query.order_by(model.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None  # type: ignore[attr-defined]
