"""The migrations make what the models say, on each kind of database."""

import os
from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from server.db.migrate import upgrade
from server.db.models import Artifact, Base, DailyUse, Run, RunEvent, User
from server.db.session import Database


def differences(database):
    with database.transaction() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)


def test_the_migrated_tables_are_those_of_the_models(database):
    assert differences(database) == []


def test_an_empty_database_does_differ(empty_database):
    assert len(differences(empty_database)) >= len(Base.metadata.tables)


def test_migrating_again_changes_nothing(database):
    upgrade(database)
    assert differences(database) == []


def test_migrating_works_from_any_folder(empty_database, tmp_path, monkeypatch):
    folder = tmp_path / "else where"
    folder.mkdir()
    monkeypatch.chdir(folder)
    upgrade(empty_database)
    assert differences(empty_database) == []
    assert os.listdir(folder) == []


def test_migrating_keeps_the_rows(database):
    with database.transaction() as session:
        session.execute(
            text("insert into users values (:i, :e, '', '', '{}', :t, null)"),
            {"i": "1" * 32, "e": "a@b.c", "t": "2026-01-01 00:00:00+00:00"},
        )
    upgrade(database)
    with database.transaction() as session:
        assert session.scalars(select(User.email)).all() == ["a@b.c"]


def test_a_run_of_the_first_version_keeps_all_that_it_left(empty_database):
    upgrade(empty_database, to="0001")
    time = "2026-01-01 00:00:00+00:00"
    run = {"id": "r" * 32, "user": "u" * 32, "time": time, "no": False, "json": "{}", "list": "[]"}
    with empty_database.transaction() as session:
        session.execute(text("insert into users values (:user, 'a@b.c', '', '', '{}', :time, null)"), run)
        session.execute(
            text(
                "insert into runs (id, user_id, files, entrypoint, args, env, datasets, limits, network,"
                " output_limit_bytes, interactive, request_sha256, state, created_at, attempt, warm, cpu_s,"
                " peak_memory_bytes, disk_bytes, output_bytes, output_truncated, artifact_count, artifact_bytes,"
                " artifacts_skipped) values (:id, :user, :json, 'main.py', :list, :json, :list, :json, 'none', 1, :no,"
                " '', 'succeeded', :time, 1, :no, 0, 0, 0, 0, :no, 1, 7, :list)"
            ),
            run,
        )
        session.execute(
            text("insert into artifacts values (:id, :id, 'model.pt', 7, '', 'application/octet-stream', 'k', :time)"),
            run,
        )
        session.execute(
            text("insert into run_events (run_id, time, state, attempt) values (:id, :time, 'succeeded', 1)"), run
        )
    upgrade(empty_database)
    with empty_database.transaction() as session:
        assert session.get_one(Run, run["id"]).trace is None
        assert session.get_one(Run, run["id"]).secrets is None
        assert session.get_one(Run, run["id"]).tags is None
        assert session.scalars(select(DailyUse)).all() == []
        assert session.scalars(select(Artifact.path)).all() == ["model.pt"]
        assert session.scalars(select(RunEvent.state)).all() == ["succeeded"]
    assert differences(empty_database) == []


def test_processes_that_migrate_at_once_do_not_disturb_each_other(empty_database):
    url = empty_database.engine.url.render_as_string(hide_password=False)
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, databases))
    for database in databases:
        database.close()
    assert differences(empty_database) == []


def test_a_migration_that_fails_changes_nothing(empty_database):
    with empty_database.transaction() as session:
        session.execute(text("create table run_events (id integer)"))  # what the migration wants to make, last
    try:
        upgrade(empty_database)
    except Exception:
        with empty_database.transaction() as session:
            assert inspect(session.connection()).get_table_names() == ["run_events"]
    else:
        raise AssertionError("it went through over a table that was in its way")
