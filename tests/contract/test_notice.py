"""The notice to everybody, on each kind of database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.domain.policy import Role
from tests.integration.web import Platform


@pytest.fixture
def platform(database, tmp_path):
    platform = Platform(tmp_path, database_url=database.engine.url.render_as_string(hide_password=False))
    yield platform
    platform.close()


def test_first_notices_of_several_operators_at_once_are_all_taken(platform):
    admin = platform.tenant("root@example.org", Role.ADMIN)
    texts = [f"notice {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: admin.call("PATCH", "/notice", json={"text": text}), texts))
    assert {answer.status_code for answer in answers} == {200}
    assert admin.get("/notice").json["text"] in texts
