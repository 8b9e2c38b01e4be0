"""The migrations make what the models say, on each kind of database."""

import os
from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from server.db.migrate import upgrade
from server.db.models import Base, User
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
