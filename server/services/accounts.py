"""Accounts and their sessions: who somebody is, and until when we believe it."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.db.models import AuthSession, User
from server.db.queries import audit, quota_of
from server.db.session import Database
from server.domain.account import check_password, normalise_email
from server.domain.errors import Conflict, Forbidden, Invalid, Unauthenticated
from server.domain.ids import make_id
from server.domain.policy import Actor, Role
from server.domain.times import rfc3339
from server.services.keys import PREFIX, ApiKeys
from server.services.passwords import hash_password, is_outdated, verify_password
from server.services.tokens import Claims, Kind, Tokens
from server.services.usage import usage_of
from server.settings import Settings

log = logging.getLogger(__name__)

TICKET_LIFE_S = 60
_OVER = "The session has ended; sign in again."


def describe_user(user: User) -> dict[str, Any]:
    return {"id": user.id, "email": user.email, "role": user.role, "created_at": rfc3339(user.created_at)}


class Accounts:
    """Registration, sessions and tokens. Every token belongs to a session; a revoked session's tokens are dead."""

    def __init__(
        self, db: Database, settings: Settings, clock: Callable[[], datetime], secret: str, keys: ApiKeys
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._tokens = Tokens(secret, clock)
        self._keys = keys

    def register(self, email: str, password: str) -> dict[str, Any]:
        """A new account. Raises Forbidden while registration is closed, Invalid, or Conflict (the email is taken)."""
        if self._settings.registration == "closed":
            raise Forbidden("Registration is closed on this server; ask its operator for an account.")
        return self.create(email, password)

    def create(self, email: str, password: str, role: Role = Role.USER) -> dict[str, Any]:
        """A new account, whether registration is open or not. Raises Invalid or Conflict."""
        email = normalise_email(email)
        check_password(password)
        now, hashed = self._clock(), hash_password(password)
        user = User(id=self._id(), email=email, password_hash=hashed, role=role, quota={}, created_at=now)
        try:
            with self._db.transaction() as session:
                session.add(user)
                audit(session, now, user.id, "user.create", user.id, role=role)
        except IntegrityError:
            raise Conflict("There is an account with this email already.") from None
        return describe_user(user)

    def ensure_admin(self) -> None:
        """Makes the operator's account that the settings name, unless it is there."""
        if not self._settings.admin_email or self._settings.admin_password is None:
            return
        with self._db.transaction() as session:
            found = _by_email(session, normalise_email(self._settings.admin_email))
        if found is None:
            self.create(self._settings.admin_email, self._settings.admin_password.get_secret_value(), Role.ADMIN)

    def login(self, email: str, password: str) -> dict[str, Any]:
        """A new session's tokens. Raises Unauthenticated, after the same work whether or not the account exists."""
        with self._db.transaction() as session:
            user = _by_email(session, _spelling(email))
        right = verify_password(user.password_hash if user else None, password)
        if user is None or not right:
            _log_refusal("wrong", user)
            raise Unauthenticated("The email or the password is wrong.")
        if user.disabled_at is not None:
            _log_refusal("disabled", user)
            raise Forbidden("This account is disabled.")
        if is_outdated(user.password_hash):
            self._hash_anew(user, password)
        return self._open_session(user)

    def refresh(self, token: str) -> dict[str, Any]:
        """New tokens for a refresh token, which is spent by it. Raises Unauthenticated.

        A spent one that comes again was stolen, or its copy was: the whole session ends.
        """
        claims = self._tokens.read(token, Kind.REFRESH)
        with self._db.transaction() as session:
            user = self._live(session, claims)
            fresh, fresh_id = self._refresh_token(user.id, claims.session_id)
            rotated = session.execute(
                update(AuthSession)
                .where(AuthSession.id == claims.session_id, AuthSession.refresh_id == claims.token_id)
                .values(refresh_id=fresh_id, expires_at=self._session_end())
                .returning(AuthSession.id)
            ).one_or_none()
            if rotated is None:
                self._revoke(session, AuthSession.id == claims.session_id)
                audit(session, self._clock(), user.id, "session.reuse", claims.session_id)
        if rotated is None:
            raise Unauthenticated(_OVER)
        return self._pair(user, claims.session_id, fresh)

    def logout(self, actor: Actor) -> None:
        """Ends the actor's session: all its tokens are dead from now on."""
        with self._db.transaction() as session:
            self._revoke(session, AuthSession.id == actor.session)
            audit(session, self._clock(), actor.id, "session.end", actor.session)

    def sign_out_everywhere(self, actor: Actor) -> None:
        """Ends all sessions of the account, this one too. API keys stay."""
        with self._db.transaction() as session:
            self._revoke(session, AuthSession.user_id == actor.id)
            audit(session, self._clock(), actor.id, "user.sign_out", actor.id)

    def authenticate(self, token: str) -> tuple[Actor, datetime]:
        """Whose access token or API key it is, and when it expires. Raises Unauthenticated."""
        if token.startswith(PREFIX):
            return self._keys.authenticate(token)
        return self._actor(self._tokens.read(token, Kind.ACCESS))

    def issue_ticket(self, actor: Actor, path: str) -> str:
        """A token for one GET path, good for a minute and no longer than the session; fit to stand in a URL."""
        return self._tokens.issue(Kind.TICKET, actor.id, actor.session, TICKET_LIFE_S, path=_digest(path))[0]

    def authenticate_ticket(self, ticket: str, path: str) -> Actor:
        """Whose ticket for `path` it is. Raises Unauthenticated."""
        claims = self._tokens.read(ticket, Kind.TICKET)
        if claims.path != _digest(path):
            raise Unauthenticated("The ticket is for another path.")
        return self._actor(claims)[0]

    def change_password(self, actor: Actor, current: str, new: str) -> None:
        """Sets a new password and ends the account's other sessions. Raises Invalid, naming the field."""
        check_password(new, "new_password")
        with self._db.transaction() as session:
            stored = session.get_one(User, actor.id).password_hash
        if not verify_password(stored, current):
            raise Invalid.of("current_password", "is wrong")
        hashed = hash_password(new)
        with self._db.transaction() as session:
            session.get_one(User, actor.id).password_hash = hashed
            self._revoke(session, (AuthSession.user_id == actor.id) & (AuthSession.id != actor.session))
            audit(session, self._clock(), actor.id, "user.password", actor.id)

    def profile(self, actor: Actor) -> dict[str, Any]:
        """The account, its quota, and how much of it is used."""
        now = self._clock()
        with self._db.transaction() as session:
            user, usage = session.get_one(User, actor.id), usage_of(session, actor.id, now)
        quota = quota_of(user, self._settings.quota).as_dict()
        return {"id": user.id, "email": user.email, "role": user.role, "quota": quota, "usage": usage}

    def _open_session(self, user: User) -> dict[str, Any]:
        now, session_id = self._clock(), self._id()
        refresh, refresh_id = self._refresh_token(user.id, session_id)
        row = AuthSession(
            id=session_id, user_id=user.id, refresh_id=refresh_id, created_at=now, expires_at=self._session_end()
        )
        with self._db.transaction() as session:
            session.execute(delete(AuthSession).where(AuthSession.user_id == user.id, AuthSession.expires_at <= now))
            session.add(row)
            audit(session, now, user.id, "session.begin", session_id)
        log.info("signed in", extra={"user_id": user.id, "session_id": session_id})
        return self._pair(user, session_id, refresh)

    def _hash_anew(self, user: User, password: str) -> None:
        """Unless the password was changed meanwhile."""
        fresh = hash_password(password)
        with self._db.transaction() as session:
            same = (User.id == user.id) & (User.password_hash == user.password_hash)
            session.execute(update(User).where(same).values(password_hash=fresh))

    def _pair(self, user: User, session_id: str, refresh: str) -> dict[str, Any]:
        life = self._settings.access_token_s
        access, _ = self._tokens.issue(Kind.ACCESS, user.id, session_id, life)
        return {"access_token": access, "refresh_token": refresh, "expires_in": life, "user": describe_user(user)}

    def _refresh_token(self, user_id: str, session_id: str) -> tuple[str, str]:
        return self._tokens.issue(Kind.REFRESH, user_id, session_id, self._settings.refresh_token_s)

    def _actor(self, claims: Claims) -> tuple[Actor, datetime]:
        with self._db.transaction() as session:
            user = self._live(session, claims)
        return Actor(user.id, user.email, Role(user.role), claims.session_id), claims.expires_at

    def _live(self, session: Session, claims: Claims) -> User:
        """The user of a session that is neither revoked nor over. Raises Unauthenticated."""
        now = self._clock()
        user = session.scalars(
            select(User)
            .join(AuthSession, AuthSession.user_id == User.id)
            .where(
                AuthSession.id == claims.session_id,
                AuthSession.user_id == claims.user_id,
                AuthSession.revoked_at.is_(None),
                AuthSession.expires_at > now,
                AuthSession.created_at > now - timedelta(days=self._settings.session_days),
                User.disabled_at.is_(None),
            )
        ).one_or_none()
        if user is None:
            raise Unauthenticated(_OVER)
        return user

    def _revoke(self, session: Session, which: Any) -> None:
        session.execute(
            update(AuthSession).where(which, AuthSession.revoked_at.is_(None)).values(revoked_at=self._clock())
        )

    def _session_end(self) -> datetime:
        return self._clock() + timedelta(seconds=self._settings.refresh_token_s)

    def _id(self) -> str:
        return make_id(int(self._clock().timestamp() * 1000))


def _by_email(session: Session, email: str) -> User | None:
    return session.scalars(select(User).where(User.email == email)).one_or_none()


def _log_refusal(why: str, user: User | None) -> None:
    """The account, if there is one; never what was typed, which may be a password in the wrong field."""
    log.warning("sign-in refused", extra={"why": why, "user_id": user.id if user else None})


def _spelling(email: str) -> str:
    """As it would be stored; one that could not be belongs to nobody."""
    try:
        return normalise_email(email)
    except Invalid:
        return ""


def _digest(path: str) -> str:
    """Of a fixed length, so that a ticket fits into a URL whatever the path."""
    return hashlib.sha256(path.encode()).hexdigest()
