"""A backup of a platform on PostgreSQL, put back into another database."""

from datetime import UTC, datetime

import pytest

from server.backup.restore import restore
from server.backup.save import save
from server.db.session import Database
from server.domain.errors import Conflict
from server.settings import Settings
from tests.integration.web import Platform
from tests.postgres import Cluster

ARTIFACTS = {"model.bin": (b"weights" * 1000, "application/octet-stream")}


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def saved(cluster, tmp_path):
    """A platform with a run that has ended, and its backup."""
    platform = Platform(tmp_path / "first", database_url=cluster.create())
    run_id = platform.ended_run(platform.tenant("ann@example.org"), b"said", ARTIFACTS)
    save(platform.settings, platform.services.db, tmp_path / "backup", datetime.now(UTC))
    yield run_id, tmp_path / "backup"
    platform.close()


def put_back(folder, backup, url):
    settings = Settings(data_dir=folder / "data", database_url=url)
    db = Database(url)
    try:
        restore(settings, db, backup)
    finally:
        db.close()


def test_rows_outputs_and_artifacts_are_back_in_another_database(cluster, saved, tmp_path):
    run_id, backup = saved
    url = cluster.create()
    put_back(tmp_path / "second", backup, url)
    platform = Platform(tmp_path / "second", database_url=url)
    ann = platform.http.post(
        "/api/v1/auth/login", json={"email": "ann@example.org", "password": "correct horse battery staple"}
    ).json
    headers = {"Authorization": f"Bearer {ann['access_token']}"}
    answer = platform.http.get(f"/api/v1/runs/{run_id}/artifacts/model.bin", headers=headers)
    assert answer.data == ARTIFACTS["model.bin"][0]
    assert platform.http.get(f"/api/v1/runs/{run_id}/output", headers=headers).data == b"said"
    platform.close()


def test_a_database_with_tables_is_left_alone(cluster, saved, tmp_path):
    _, backup = saved
    url = cluster.create()
    there = Platform(tmp_path / "third", database_url=url)
    with pytest.raises(Conflict, match="is not empty"):
        put_back(tmp_path / "fourth", backup, url)
    there.close()


def test_a_backup_of_one_kind_of_database_is_not_put_into_another(saved, tmp_path):
    _, backup = saved
    with pytest.raises(Conflict, match="The backup is of postgresql"):
        put_back(tmp_path / "fifth", backup, f"sqlite:///{tmp_path / 'x.db'}")
