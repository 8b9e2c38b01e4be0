"""Readiness tells which part is not usable; metrics count what is under way."""

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from server.db.models import Base, Run, User
from server.db.session import Database
from server.domain.errors import EngineError, ImageError
from server.domain.ports import Image
from server.domain.run import State
from server.settings import Settings
from server.web import health

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Engine:
    """An engine that says what it is told to."""

    def __init__(self):
        self.fails = None
        self.image_fails = None
        self.checks = 0

    def check(self):
        self.checks += 1
        if self.fails:
            raise self.fails
        return {"version": "28.0", "cpus": 4, "runtimes": {"runc": object()}}

    def resolve(self, alias):
        if self.image_fails:
            raise self.image_fails
        return Image("default", "byteme/sandbox:latest", "sha256:abc")


@pytest.fixture
def db(tmp_path):
    db = Database(f"sqlite:///{tmp_path}/test.db")
    Base.metadata.create_all(db.engine)
    yield db
    db.close()


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def client(db, engine, tmp_path):
    app = Flask(__name__)
    services = SimpleNamespace(
        db=db, engine=engine, settings=Settings(data_dir=tmp_path, run_slots=3), executor=SimpleNamespace(busy=2),
        clock=lambda: NOW + timedelta(seconds=90),
    )  # fmt: skip
    health.register(app, services)
    return app.test_client()


def test_a_process_that_answers_is_healthy(client, engine):
    engine.fails = EngineError("gone")
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_when_all_parts_are_usable(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json == {
        "status": "ready",
        "checks": {
            "database": {"ok": True, "kind": "sqlite"},
            "engine": {"ok": True, "cpus": 4},  # and no version: anybody may ask
            "image": {"ok": True, "ref": "byteme/sandbox:latest", "digest": "sha256:abc"},
        },
    }


@pytest.mark.parametrize(
    ("part", "break_it", "message"),
    [
        ("engine", lambda engine: setattr(engine, "fails", EngineError("no answer")), "no answer"),
        ("engine", lambda engine: setattr(engine, "fails", RuntimeError("detail")), "failed; the log says why"),
        ("image", lambda engine: setattr(engine, "image_fails", ImageError("not on this host")), "not on this host"),
    ],
)
def test_readiness_names_the_part_that_fails(client, engine, part, break_it, message):
    break_it(engine)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json["status"] == "unavailable"
    failing = {name: check["error"] for name, check in response.json["checks"].items() if not check["ok"]}
    assert failing == {part: message}


def test_readiness_names_a_database_that_is_gone(client, db, tmp_path):
    db.close()
    (tmp_path / "test.db").unlink()
    (tmp_path / "test.db").mkdir()
    checks = client.get("/readyz").json["checks"]
    assert checks["database"] == {"ok": False, "error": "The database does not answer."}


def test_readiness_does_not_let_callers_burden_the_engine(engine):
    now = [0.0]
    readiness = health.Readiness({"engine": engine.check}, clock=lambda: now[0])
    for _ in range(100):
        readiness.answer()
    assert engine.checks == 1
    now[0] = health.REUSE_S
    engine.fails = EngineError("gone")
    assert readiness.answer()["status"] == "unavailable"


def test_metrics_count_the_runs_under_way(client, db):
    now = NOW
    with db.transaction() as session:
        session.add(User(id="u", email="a@b", password_hash="x", role="user", quota={}, created_at=now))
        session.flush()
        for number, state in enumerate([State.QUEUED, State.QUEUED, State.RUNNING, State.FAILED]):
            session.add(
                Run(
                    id=f"{number}", user_id="u", files={}, entrypoint="main.py", args=[], env={}, datasets=[],
                    limits={}, network="none", output_limit_bytes=1, interactive=False, request_sha256="x", state=state,
                    created_at=now,
                )
            )  # fmt: skip
    response = client.get("/metrics")
    assert response.content_type.startswith("text/plain; version=")
    lines = response.text.splitlines()
    assert 'byteme_runs{state="queued"} 2.0' in lines
    assert 'byteme_runs{state="running"} 1.0' in lines
    assert 'byteme_runs{state="starting"} 0.0' in lines
    assert not any("failed" in line for line in lines if line.startswith("byteme_runs{"))
    assert any(line.startswith("# TYPE byteme_output_bytes_total counter") for line in lines)
    assert "byteme_queue_oldest_seconds 90.0" in lines
    assert "byteme_run_slots 3.0" in lines
    assert "byteme_run_slots_busy 2.0" in lines
    assert "byteme_database_up 1.0" in lines


def test_metrics_are_told_while_the_database_is_away(client, db, tmp_path):
    db.close()
    (tmp_path / "test.db").unlink()
    (tmp_path / "test.db").mkdir()
    lines = client.get("/metrics").text.splitlines()
    assert "byteme_database_up 0.0" in lines
    assert any(line.startswith("byteme_disk_free_bytes ") for line in lines)
    assert not any(line.startswith("byteme_runs{") for line in lines)


def test_the_time_of_the_last_backup_is_told_once_there_is_one(client, tmp_path):
    assert "byteme_last_backup_timestamp_seconds" not in client.get("/metrics").text
    (tmp_path / "last_backup").touch()
    os.utime(tmp_path / "last_backup", (1000, 1000))
    assert "byteme_last_backup_timestamp_seconds 1000.0" in client.get("/metrics").text.splitlines()
