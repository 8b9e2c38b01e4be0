"""Who may do what. Called by services, never by handlers."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.errors import Forbidden, NotFound


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated account. `session` is the family of tokens it came with."""

    id: str
    email: str
    role: Role
    session: str


def require_owner(actor: Actor, owner_id: str | None) -> None:
    """Raises NotFound unless the thing belongs to `actor`: what is somebody else's is like what is not there."""
    if owner_id is None or owner_id != actor.id:
        raise NotFound


def require_admin(actor: Actor) -> None:
    """Raises Forbidden unless `actor` is an operator."""
    if actor.role is not Role.ADMIN:
        raise Forbidden("This is for operators.")
