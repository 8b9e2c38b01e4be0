"""Submissions with the same Idempotency-Key at the same moment make one run, on each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from server.db.models import Run, RunEvent
from server.domain.errors import Conflict
from server.domain.policy import Actor, Role
from server.domain.run import RunSpec
from server.services.accounts import Accounts
from server.services.datasets import Datasets
from server.services.keys import ApiKeys
from server.services.projects import Projects
from server.services.runs import Runs
from server.services.secrets import Secrets
from server.settings import Settings
from server.stores.artifacts_local import LocalArtifactStore
from server.stores.logs_file import FileLogStore
from server.web.events import EventHub

SPEC = RunSpec(files={"main.py": "print(1)"})


class Bell:
    """A Dispatcher that counts how often it is woken."""

    def __init__(self):
        self.rings = 0

    def wake(self):
        self.rings += 1


def now():
    return datetime.now(UTC)


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
def runs(database, tmp_path, bell):
    settings = Settings(data_dir=tmp_path)
    projects, datasets = Projects(database, now), Datasets(database, settings, now)
    secrets = Secrets(database, settings, now, "k")
    logs, artifacts = FileLogStore(tmp_path / "logs"), LocalArtifactStore(tmp_path / "artifacts")
    return Runs(database, settings, now, bell, logs, artifacts, EventHub(), projects, datasets, secrets)


@pytest.fixture
def actor(database, tmp_path):
    settings = Settings(data_dir=tmp_path)
    accounts = Accounts(database, settings, now, "s" * 32, ApiKeys(database, settings, now))
    user = accounts.create("a@example.org", "correct horse")
    return Actor(user["id"], user["email"], Role.USER, "")


def count(database, model):
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_50_submissions_at_once_make_one_run(database, runs, actor, bell):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: runs.submit(actor, SPEC, idempotency_key="k"), range(50)))
    assert len({answer["id"] for answer in answers}) == 1
    assert (count(database, Run), count(database, RunEvent)) == (1, 1)
    assert bell.rings >= 1


def test_different_requests_with_one_key_at_once_make_one_run(database, runs, actor):
    def submit(number):
        try:
            return runs.submit(actor, RunSpec(files={"main.py": str(number)}), idempotency_key="k")["id"]
        except Conflict:
            return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(submit, range(10)))
    assert sum(answer is not None for answer in answers) == 1
    assert count(database, Run) == 1


def test_a_key_that_was_taken_while_we_looked_answers_the_run_that_took_it(database, runs, actor, monkeypatch):
    first = runs.submit(actor, SPEC, idempotency_key="k")
    looks = []
    from server.services import runs as module

    found = module._earlier
    monkeypatch.setattr(module, "_earlier", lambda *args: found(*args) if looks else looks.append(args))
    assert runs.submit(actor, SPEC, idempotency_key="k")["id"] == first["id"]
    assert count(database, Run) == 1
