"""API keys: how programs come in without a password, for what their scopes allow, until they are revoked."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import ApiKey, User
from server.db.queries import Page, audit, lock_user, newest_first
from server.db.session import Database
from server.domain.errors import Conflict, Invalid, NotFound, Unauthenticated
from server.domain.ids import make_id
from server.domain.policy import Actor, Role, Scope, require_owner
from server.domain.times import rfc3339
from server.settings import Settings

PREFIX = "bm_"
MAX_KEYS = 100  # of one account
USED_EVERY = timedelta(minutes=1)  # so often its last use is written down
_SECRET_BYTES = 32
_FORM = re.compile(r"bm_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_DEAD = "The API key is not valid, or no longer."
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


def describe_key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "created_at": rfc3339(key.created_at),
        "expires_at": rfc3339(key.expires_at),
        "last_used_at": rfc3339(key.last_used_at),
    }


class ApiKeys:
    """A key is shown once, when it is made: `bm_`, its id, and 256 random bits, of which the SHA-256 is kept."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock

    def create(self, actor: Actor, name: str, scopes: list[Scope], expires_at: datetime | None) -> dict[str, Any]:
        """A new key; its `key` is what to send, not shown again. Raises Invalid, or Conflict: there are too many."""
        now, secret = self._clock(), secrets.token_urlsafe(_SECRET_BYTES)
        if expires_at is not None and expires_at <= now:
            raise Invalid.of("expires_at", "is in the past")
        if Scope.ADMIN in scopes and actor.role is not Role.ADMIN:
            raise Invalid.of("scopes", f"{Scope.ADMIN} is for operators")
        key = ApiKey(
            id=make_id(int(now.timestamp() * 1000)), user_id=actor.id, name=name, secret_sha256=_digest(secret),
            scopes=sorted(set(scopes)), created_at=now, expires_at=expires_at,
        )  # fmt: skip
        with self._db.transaction() as session:
            lock_user(session, actor, self._settings.quota)
            if _count(session, actor.id) >= MAX_KEYS:
                raise Conflict(f"You have {MAX_KEYS} API keys; revoke one first.")
            session.add(key)
            audit(session, now, actor.id, "key.create", key.id, name=name, scopes=key.scopes)
        return describe_key(key) | {"key": f"{PREFIX}{key.id}_{secret}"}

    def page(self, actor: Actor, *, limit: int, cursor: str | None) -> Page:
        """A page of the actor's keys, newest first, and the cursor of the next page."""
        with self._db.transaction() as session:
            rows, following = newest_first(
                session, select(ApiKey).where(ApiKey.user_id == actor.id), ApiKey, limit, cursor
            )
        return [describe_key(row) for row in rows], following

    def revoke(self, actor: Actor, key_id: str) -> None:
        """From now on it opens nothing."""
        with self._db.transaction() as session:
            key = session.get(ApiKey, key_id) if "\0" not in key_id else None
            if key is None:
                raise NotFound
            require_owner(actor, key.user_id)
            session.delete(key)
            audit(session, self._clock(), actor.id, "key.revoke", key_id, name=key.name)

    def authenticate(self, token: str) -> tuple[Actor, datetime]:
        """Whose key it is, and when it expires. Raises Unauthenticated."""
        found, now = _FORM.fullmatch(token), self._clock()
        if found is None:
            raise Unauthenticated(_DEAD)
        key_id, secret = found.groups()
        with self._db.transaction() as session:
            row = session.execute(
                select(ApiKey, User)
                .join(User, User.id == ApiKey.user_id)
                .where(ApiKey.id == key_id, User.disabled_at.is_(None))
            ).one_or_none()
            if row is None or not hmac.compare_digest(row[0].secret_sha256, _digest(secret)):
                raise Unauthenticated(_DEAD)
            key, user = row
            if key.expires_at is not None and key.expires_at <= now:
                raise Unauthenticated("The API key has expired.")
            if key.last_used_at is None or key.last_used_at <= now - USED_EVERY:
                key.last_used_at = now
        scopes = frozenset(Scope(scope) for scope in key.scopes)
        return Actor(user.id, user.email, Role(user.role), "", key.id, scopes), key.expires_at or _FOR_EVER


def _count(session: Session, user_id: str) -> int:
    return session.scalars(select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user_id)).one()


def _digest(secret: str) -> str:
    """A plain hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
