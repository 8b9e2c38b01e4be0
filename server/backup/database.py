"""The database into one file and back: SQLite by its online backup, PostgreSQL by its own programs."""

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from server.db.session import Database
from server.domain.errors import Conflict

SQLITE_FILES = ("", "-wal", "-shm", "-journal")  # what may stand beside its path
FILES = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}


def sqlite_path(url: str) -> Path:
    """The file that an SQLite URL names. Raises Conflict for one that names none."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise Conflict("A database in memory can't be backed up (BYTEME_DATABASE_URL).")
    return Path(name)


def save(db: Database, url: str, target: Path) -> None:
    """One moment of the database, while others go on writing. Raises Conflict."""
    if db.is_sqlite:
        _save_sqlite(sqlite_path(url), target)
    else:
        with _connection(url) as connection:
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", connection)


def restore(db: Database, url: str, source: Path) -> None:
    """Into a database that is empty: `check_empty`. Raises Conflict."""
    if db.is_sqlite:
        _restore_sqlite(source, sqlite_path(url))
    else:
        with _connection(url) as connection:
            options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
            _run("pg_restore", *options, str(source), connection)


def check_empty(db: Database, url: str) -> None:
    """Raises Conflict unless there is nothing in it yet."""
    if db.is_sqlite:
        path = sqlite_path(url)
        if left := [suffix for suffix in SQLITE_FILES if path.with_name(path.name + suffix).exists()]:
            raise Conflict(f"There is a database already, or a part of one: {path}{left[0]}. Nothing was changed.")
    elif inspect(db.engine).get_table_names():
        raise Conflict("The database of BYTEME_DATABASE_URL is not empty. Nothing was changed.")


def revision(db: Database) -> str:
    """The migration that the database is at."""
    with db.transaction() as session:
        return str(session.execute(text("select version_num from alembic_version")).scalar_one())


def _save_sqlite(path: Path, target: Path) -> None:
    if not path.is_file():
        raise Conflict(f"There is no database at {path}.")
    with closing(sqlite3.connect(path, timeout=60)) as source, closing(sqlite3.connect(target)) as made:
        source.backup(made)  # in one step: a snapshot, beside which a server goes on writing (WAL)
        made.execute("PRAGMA journal_mode=DELETE")
        _check_sqlite(made, target)
    target.chmod(0o600)


def _restore_sqlite(source: Path, path: Path) -> None:
    shutil.copyfile(source, path)
    path.chmod(0o600)
    with closing(sqlite3.connect(path)) as made:
        _check_sqlite(made, path)


def _check_sqlite(connection: sqlite3.Connection, path: Path) -> None:
    if (found := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
        raise Conflict(f"The database {path} is damaged: {found}")


@contextmanager
def _connection(url: str) -> Iterator[str]:
    """An option that says where the database is; its password is in a file that we alone can read, not in `ps`."""
    parts: dict[str, Any] = conninfo_to_dict("postgresql://" + url.partition("://")[2])
    password = str(parts.pop("password", None) or "")
    with tempfile.NamedTemporaryFile("w", prefix="byteme-", suffix=".pgpass") as file:
        if password:
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            file.write(f"*:*:*:*:{escaped}\n")
            file.flush()
            parts["passfile"] = file.name
        yield "--dbname=" + make_conninfo(**parts)


def _run(program: str, *arguments: str) -> None:
    if not shutil.which(program):
        raise Conflict(f"{program} is not installed on this host: install PostgreSQL's client programs.")
    done = subprocess.run([program, *arguments], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Conflict(f"{program} failed: {done.stderr.strip()[-500:]}")
