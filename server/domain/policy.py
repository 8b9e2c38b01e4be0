"""Who may do what. Called by services, never by handlers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from server.domain.errors import FieldError, Forbidden, Invalid, NotFound


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an API key may do. Who may write may read the same."""

    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    DATASETS_READ = "datasets:read"
    DATASETS_WRITE = "datasets:write"
    SECRETS_READ = "secrets:read"  # their names, and to give them to programs: nobody reads their values
    SECRETS_WRITE = "secrets:write"
    ADMIN = "admin"  # what is for operators, of an operator's key


class Keys(Enum):
    """Rules that no scope changes."""

    ANY = "any API key may"
    NEVER = "only somebody who has signed in may"


Rule = Scope | Keys


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated account. `session` is the family of tokens it came with; one that came with an API key has that
    key's id and scopes instead."""

    id: str
    email: str
    role: Role
    session: str
    key: str | None = None
    scopes: frozenset[Scope] = frozenset()

    @property
    def via(self) -> dict[str, str]:
        """What the audit trail says of how it came, beside who it is."""
        return {"key": self.key} if self.key else {}


def require_owner(actor: Actor, owner_id: str | None) -> None:
    """Raises NotFound unless the thing belongs to `actor`: what is somebody else's is like what is not there."""
    if owner_id is None or owner_id != actor.id:
        raise NotFound


def require_all(field: str, kind: str, wanted: Sequence[str], owned: Iterable[str]) -> None:
    """Raises Invalid for each of `wanted` that is not among `owned`; `field` names it, its number in the braces."""
    known = set(owned)
    problems = tuple(
        FieldError(field.format(number), f"there is no such {kind}")
        for number, name in enumerate(wanted)
        if name not in known
    )
    if problems:
        raise Invalid(fields=problems)


def require_admin(actor: Actor) -> None:
    """Raises Forbidden unless `actor` is an operator."""
    if actor.role is not Role.ADMIN:
        raise Forbidden("This is for operators.")


def require_scope(actor: Actor, rule: Rule) -> None:
    """Raises Forbidden unless `actor` has signed in, or came with an API key that `rule` lets do this."""
    if actor.key is None or rule is Keys.ANY:
        return
    if isinstance(rule, Keys):
        raise Forbidden("An API key may not do this: sign in.")
    if not _implied_by(rule) & actor.scopes:
        raise Forbidden(f"The API key lacks the scope {rule}.")


def _implied_by(scope: Scope) -> frozenset[Scope]:
    """The scopes that hold this one: itself, and to read also to write."""
    writing = scope.replace(":read", ":write")
    return frozenset({scope, Scope(writing)})
