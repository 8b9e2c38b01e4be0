"""Fixtures for every suite. gevent's patches come first: the code under test runs under them in production too."""

from gevent import monkey

monkey.patch_all()

from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

# What helpers assert is explained like what tests do.
pytest.register_assert_rewrite("tests.server_process", "tests.waiting", "tests.sandbox", "tests.integration")

from server.domain.preload import PROFILES  # noqa: E402
from tests.server_process import ServerProcess  # noqa: E402


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A real server in a process of its own, on the real engine, shared by the session."""
    with ServerProcess(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture(scope="session")
def warm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Another one, which keeps sandboxes ready: one of each profile, so that none gives way to what other tests want."""
    with ServerProcess(tmp_path_factory.mktemp("warm"), BYTEME_WARM_POOL_SIZE=str(len(PROFILES))) as process:
        yield process


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own, which it may kill and start again."""
    with ServerProcess(tmp_path) as process:
        yield process
