"""Brings a database's tables up to this version of the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from server.db.session import Database

_FOLDER = Path(__file__).resolve().parent / "migrations"
_LOCK = 0x6D696772617465  # "migrate": one process at a time on PostgreSQL; SQLite's transactions are so already


def upgrade(db: Database, to: str = "head") -> None:
    """Runs the migrations that are missing up to `to`, all in one transaction: they succeed together or change nothing.

    Safe to call from several processes at once. Raises Unavailable.
    """
    with db.transaction() as session:
        if not db.is_sqlite:
            session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, to)


def knows(revision: str) -> bool:
    """Is it one of this version's migrations: could `upgrade` begin at it."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
