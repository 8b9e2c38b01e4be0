"""Who may do what."""

import pytest

from server.domain.errors import Forbidden, NotFound
from server.domain.policy import Actor, Keys, Role, Scope, require_admin, require_owner, require_scope

USER = Actor("1", "a@example.com", Role.USER, "s")
ADMIN = Actor("2", "b@example.com", Role.ADMIN, "s")


def test_an_owner_has_what_is_his() -> None:
    require_owner(USER, "1")


@pytest.mark.parametrize("owner", ["2", "", None])
def test_what_is_somebody_elses_is_like_what_is_not_there(owner: str | None) -> None:
    with pytest.raises(NotFound) as error:
        require_owner(USER, owner)
    assert error.value.message == NotFound().message


def test_an_operator_does_not_own_what_is_a_users() -> None:
    with pytest.raises(NotFound):
        require_owner(ADMIN, "1")


def test_operators_commands_are_for_operators() -> None:
    require_admin(ADMIN)
    with pytest.raises(Forbidden):
        require_admin(USER)


def with_key(*scopes: Scope) -> Actor:
    return Actor("1", "a@example.com", Role.USER, "", "k", frozenset(scopes))


@pytest.mark.parametrize("rule", [*Scope, *Keys])
def test_who_has_signed_in_needs_no_scope(rule: Scope | Keys) -> None:
    require_scope(USER, rule)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ((), set()),
        ((Scope.RUNS_READ,), {Scope.RUNS_READ}),
        ((Scope.RUNS_WRITE,), {Scope.RUNS_WRITE, Scope.RUNS_READ}),
        ((Scope.PROJECTS_WRITE,), {Scope.PROJECTS_WRITE, Scope.PROJECTS_READ}),
        ((Scope.ADMIN,), {Scope.ADMIN}),
    ],
)
def test_a_key_may_do_what_its_scopes_say_and_no_more(scopes: tuple[Scope, ...], allowed: set[Scope]) -> None:
    actor = with_key(*scopes)
    require_scope(actor, Keys.ANY)
    for rule in (*Scope, Keys.NEVER):
        if rule in allowed:
            require_scope(actor, rule)
        else:
            with pytest.raises(Forbidden):
                require_scope(actor, rule)


def test_the_scope_that_is_missing_is_named() -> None:
    with pytest.raises(Forbidden, match="lacks the scope runs:write"):
        require_scope(with_key(Scope.RUNS_READ), Scope.RUNS_WRITE)
