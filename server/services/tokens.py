"""Signed tokens. A token says what kind it is, and is good as that kind only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import jwt

from server.domain.errors import Unauthenticated
from server.domain.ids import make_id

_ALGORITHM = "HS256"
_REQUIRED = ["sub", "sid", "jti", "typ", "iat", "exp"]
_MAX_LENGTH = 4096
_DEAD = "The token is not valid here, or no longer."


class Kind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Claims:
    """Whose token it is, of which session, and until when. `path` is a ticket's: the SHA-256 of its path."""

    user_id: str
    session_id: str
    token_id: str
    expires_at: datetime
    path: str | None = None


class Tokens:
    """Makes and reads them with one key. Stateless: whether the session lives is asked of the database."""

    def __init__(self, secret: str, clock: Callable[[], datetime]) -> None:
        self._secret = secret
        self._clock = clock

    def issue(self, kind: Kind, user_id: str, session_id: str, life_s: int, **more: str) -> tuple[str, str]:
        """The token and its id."""
        now = int(self._clock().timestamp())
        token_id = make_id(now * 1000)
        claims: dict[str, Any] = {"sub": user_id, "sid": session_id, "jti": token_id, "typ": kind}
        claims |= {"iat": now, "exp": now + life_s, **more}
        return jwt.encode(claims, self._secret, _ALGORITHM), token_id

    def read(self, token: str, kind: Kind) -> Claims:
        """Raises Unauthenticated unless it is a live token of this kind, signed by us."""
        claims = self._verify(token)
        expires = claims["exp"]
        if claims["typ"] != kind or not isinstance(expires, int) or expires <= self._clock().timestamp():
            raise Unauthenticated(_DEAD)
        expires_at = datetime.fromtimestamp(expires, UTC)
        return Claims(claims["sub"], claims["sid"], claims["jti"], expires_at, claims.get("path"))

    def _verify(self, token: str) -> dict[str, Any]:
        # Times are checked against our clock, in `read`.
        options: Any = {"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            if len(token) > _MAX_LENGTH:
                raise Unauthenticated(_DEAD)
            return jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options=options)
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Unauthenticated(_DEAD) from error
