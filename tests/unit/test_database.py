"""SQLite while another process writes: waited for, not for ever, and nothing else stands still."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest
from sqlalchemy import text

from server.db import session
from server.db.session import Database
from server.domain.errors import Unavailable


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    with database.transaction() as work:
        work.execute(text("create table t (n integer)"))
    yield database
    database.close()


@pytest.fixture
def other(tmp_path: Path, database: Database) -> Iterator[sqlite3.Connection]:
    """Another process's connection, in the middle of a write."""
    with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as connection:
        connection.execute("begin immediate")
        yield connection


def write(database: Database) -> None:
    with database.transaction() as work:
        work.execute(text("insert into t values (1)"))


def test_a_write_waits_for_another_process_and_others_go_on_meanwhile(
    database: Database, other: sqlite3.Connection
) -> None:
    writers = [gevent.spawn(write, database) for _ in range(3)]
    gevent.joinall(writers, timeout=0.2)  # as long as it takes: this greenlet is among those that go on
    assert not any(writer.ready() for writer in writers)
    other.execute("rollback")
    gevent.joinall(writers, timeout=60, raise_error=True)
    assert all(writer.successful() for writer in writers)


def test_a_database_that_stays_locked_is_said_to_be_away_to_all_who_wait(
    database: Database, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "BUSY_S", 0.1)
    for _ in range(2):
        with pytest.raises(Unavailable):
            write(database)
    other.execute("rollback")
    write(database)
