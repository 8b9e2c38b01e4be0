"""What operators see and change of accounts, hosts and images. Every call raises Forbidden for anybody else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.db.image_models import Host
from server.db.image_moves import live_hosts, running_by_host
from server.db.models import AuthSession, User
from server.db.queries import Page, audit, newest_first, quota_of
from server.db.session import Database
from server.domain.egress import unknown_preset
from server.domain.errors import Conflict, EngineError, Invalid, NotFound
from server.domain.gpus import objection
from server.domain.policy import Actor, Role, require_admin
from server.domain.ports import Engine
from server.domain.times import rfc3339
from server.services.usage import usage_of
from server.settings import Settings


class Operators:
    """Accounts and hosts."""

    def __init__(
        self, db: Database, settings: Settings, clock: Callable[[], datetime], engine: Engine, host: str
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._engine = engine
        self._host = host

    def users(self, actor: Actor, search: str = "", *, limit: int, cursor: str | None) -> Page:
        """A page of accounts with `search` in their email, newest first, and the cursor of the next page."""
        require_admin(actor)
        query = select(User).where(User.email.contains(search.lower(), autoescape=True)) if search else select(User)
        with self._db.transaction() as session:
            rows, following = newest_first(session, query, User, limit, cursor)
            return [self._describe(session, user) for user in rows], following

    def update_user(self, actor: Actor, user_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Sets `role`, `disabled` or `quota` (what differs from the platform's). A disabled account's sessions end.

        Raises Conflict when no operator would be left.
        """
        require_admin(actor)
        self._check_gpus((changes.get("quota") or {}).get("gpus"))
        with self._db.transaction() as session:
            user = _find(session, user_id)
            self._apply(session, user, changes)
            session.flush()
            if not session.scalars(_active_admins()).one():
                raise Conflict("There must be an operator left.")
            audit(session, self._clock(), actor.id, "user.update", user_id, **changes, **actor.via)
            return self._describe(session, user)

    def sign_out(self, actor: Actor, user_id: str) -> None:
        """Ends all sessions of an account; its API keys stay. Raises NotFound."""
        require_admin(actor)
        with self._db.transaction() as session:
            self._end_sessions(session, _find(session, user_id))
            audit(session, self._clock(), actor.id, "user.sign_out", user_id, **actor.via)

    def hosts(self, actor: Actor) -> list[dict[str, Any]]:
        """The hosts that runs are executed on, and how they are."""
        require_admin(actor)
        try:
            state, facts = "ready", self._engine.check()
        except EngineError as error:
            state, facts = "unreachable", {"error": error.message}
        with self._db.transaction() as session:
            live, running = set(live_hosts(session, self._clock())), dict(running_by_host(session))
            others = list(session.scalars(select(Host).where(Host.name != self._host).order_by(Host.name)))
        items = [_describe_host(host, running.pop(host.name, 0), is_live=host.name in live) for host in others]
        own = {"name": self._host, "state": state, "slots": self._settings.run_slots}
        return [own | {"running_runs": sum(running.values()), "facts": facts}, *items]

    def _check_gpus(self, wanted: Any) -> None:
        """Raises Invalid where this server's host has fewer: a quota promises what a run can have."""
        if not isinstance(wanted, int | float) or wanted <= 0:
            return
        if wrong := objection(wanted, self._engine.check().get("gpus", 0)):
            raise Invalid.of("quota.gpus", wrong)

    def _apply(self, session: Session, user: User, changes: Mapping[str, Any]) -> None:
        if "role" in changes:
            user.role = Role(changes["role"])
        if "quota" in changes:
            quota = self._settings.quota.with_overrides(changes["quota"])
            if preset := unknown_preset(quota.egress, self._settings.egress_presets):
                raise Invalid.of("quota.egress", f"there is no preset {preset!r} (BYTEME_EGRESS_PRESETS)")
            user.quota = dict(changes["quota"])
        if "disabled" in changes:
            user.disabled_at = (user.disabled_at or self._clock()) if changes["disabled"] else None
        if changes.get("disabled"):
            self._end_sessions(session, user)

    def _end_sessions(self, session: Session, user: User) -> None:
        live = (AuthSession.user_id == user.id, AuthSession.revoked_at.is_(None))
        session.execute(update(AuthSession).where(*live).values(revoked_at=self._clock()))

    def _describe(self, session: Session, user: User) -> dict[str, Any]:
        return {
            "id": user.id,
            "email": user.email,
            "role": user.role,
            "disabled": user.disabled_at is not None,
            "quota": quota_of(user, self._settings.quota).as_dict(),
            "overrides": user.quota or {},
            "usage": usage_of(session, user.id, self._clock()),
            "created_at": rfc3339(user.created_at),
        }


def _describe_host(host: Host, running: int, *, is_live: bool) -> dict[str, Any]:
    """Another host, as it said itself when it was seen last."""
    state = "ready" if is_live and "error" not in host.facts else "unreachable"
    return {"name": host.name, "state": state, "slots": host.slots, "running_runs": running, "facts": host.facts}


def _find(session: Session, user_id: str) -> User:
    user = session.get(User, user_id, with_for_update=True) if "\0" not in user_id else None
    if user is None:
        raise NotFound
    return user


def _active_admins() -> Any:
    return select(func.count()).select_from(User).where(User.role == Role.ADMIN, User.disabled_at.is_(None))
