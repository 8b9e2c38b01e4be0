"""Who may do what."""

import pytest

from server.domain.errors import Forbidden, NotFound
from server.domain.policy import Actor, Role, require_admin, require_owner

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
