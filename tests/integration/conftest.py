import pytest
from gevent.pywsgi import WSGIServer

from server.domain.policy import Role
from tests.integration.web import Platform


@pytest.fixture
def make_platform(tmp_path):
    """Makes a platform with the settings that a test needs."""
    made = []

    def make(**settings):
        made.append(Platform(tmp_path / str(len(made)), **settings))
        return made[-1]

    yield make
    for platform in made:
        platform.close()


@pytest.fixture
def platform(make_platform):
    return make_platform()


@pytest.fixture
def served(platform):
    """The address of the platform's REST side on a port."""
    server = WSGIServer(("127.0.0.1", 0), platform.app, log=None)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop()


@pytest.fixture
def alice(platform):
    return platform.tenant("alice@example.org")


@pytest.fixture
def bob(platform):
    return platform.tenant("bob@example.org")


@pytest.fixture
def admin(platform):
    return platform.tenant("root@example.org", Role.ADMIN)
