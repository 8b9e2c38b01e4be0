import pytest

from server.db.migrate import upgrade
from server.db.session import Database
from tests.postgres import Cluster


@pytest.fixture(scope="session")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request, tmp_path):
    """A database without tables, of each kind that we support."""
    on_postgres = request.param == "postgresql"
    url = request.getfixturevalue("cluster").create() if on_postgres else f"sqlite:///{tmp_path}/test.db"
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def database(empty_database):
    upgrade(empty_database)
    return empty_database
