"""The database: one transaction at a time on SQLite, a pool on PostgreSQL.

SQLite under gevent needs care: a deferred transaction loses updates and a busy time-out freezes the whole process.
So every SQLite transaction begins IMMEDIATE and holds one process-wide lock; the lock, not SQLite, makes others wait.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from server.domain.errors import Unavailable

BUSY_S = 10.0  # the longest that another transaction is waited for
BUSY_RETRY_S = 0.02
BUSY_MS = 10  # the longest that SQLite itself waits: nothing else goes on meanwhile


class Database:
    """A handle on the database that `url` names. Under gevent, import after monkey patching."""

    def __init__(self, url: str) -> None:
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgres(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._lock = RLock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or undone on an error. Keep it short: nothing else waits in it.

        Raises Unavailable when the database does not answer.
        """
        try:
            with self._alone() as until, Session(self.engine, expire_on_commit=False) as session, session.begin():
                if self.is_sqlite:
                    _await_turn(session, until)
                yield session
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise Unavailable("The database does not answer.") from error

    @contextmanager
    def _alone(self) -> Iterator[float]:
        """On SQLite, nobody else of this process; until when others may be waited for in all (monotonic seconds)."""
        until = time.monotonic() + BUSY_S
        if self.is_sqlite and not self._lock.acquire(timeout=BUSY_S):
            raise Unavailable("The database does not answer.")
        try:
            yield until
        finally:
            if self.is_sqlite:
                self._lock.release()

    def check(self) -> None:
        """Raises Unavailable unless a query works."""
        with self.transaction() as session:
            session.execute(text("select 1"))

    def close(self) -> None:
        self.engine.dispose()


def _await_turn(session: Session, until: float) -> None:
    """Until no other process writes. Here and not in SQLite, which would hold up the whole process meanwhile."""
    while True:
        try:
            session.connection()
            return
        except OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= until:
                raise
        time.sleep(BUSY_RETRY_S)


def _is_busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres(url: str) -> Engine:
    url = url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, pool_timeout=30)
