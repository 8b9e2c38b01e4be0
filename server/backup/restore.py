"""A backup put back, into a data folder that is empty. All is checked before anything is written, and again after."""

import os
from collections.abc import Callable
from pathlib import Path

from server.backup import database, manifest
from server.backup.files import copy, make_parents, regular_files, sha256_of
from server.backup.manifest import Manifest
from server.db.migrate import knows
from server.db.session import Database
from server.domain.errors import Conflict
from server.folder import LOCK, RESTORING, locked
from server.settings import Settings


def restore(settings: Settings, db: Database, source: Path, said: Callable[[str], None] = lambda _: None) -> Manifest:
    """Raises Conflict, which names what is wrong, or OSError. What can be known beforehand changes nothing; a restore
    that breaks off later leaves a mark, with which no server starts."""
    made = manifest.read(source)
    _check_fits(made, db)
    with locked(settings.data_dir):
        _check_empty(settings, db)
        said(f"checking {len(made.files)} files, {made.bytes >> 20} MB")
        check(source, made)
        (settings.data_dir / RESTORING).touch()
        said("the files")
        for room, root in (("artifacts", settings.artifact_dir), ("data", settings.data_dir)):
            _put_back(source / room, root, room, made)
        said("the database")
        database.restore(db, settings.database, source / database.FILES[made.database])
        os.sync()
        (settings.data_dir / RESTORING).unlink()
    return made


def check(source: Path, made: Manifest) -> None:
    """Raises Conflict, naming a file that is missing, damaged, or not of the backup."""
    present = {
        path.relative_to(source).as_posix() for path in regular_files(source, frozenset({source / manifest.NAME}))
    }
    for name, entry in sorted(made.files.items()):
        if name not in present:
            raise Conflict(f"The backup is damaged: {source / name} is missing. Nothing was changed.")
        if (source / name).stat().st_size != entry.bytes or sha256_of(source / name) != entry.sha256:
            raise Conflict(f"The backup is damaged: {source / name} is not what was saved. Nothing was changed.")
    if stranger := min(present - made.files.keys(), default=None):
        raise Conflict(f"{source / stranger} is not of the backup: its manifest does not name it. Nothing was changed.")


def _check_fits(made: Manifest, db: Database) -> None:
    if made.database != db.engine.dialect.name:
        raise Conflict(f"The backup is of {made.database}; BYTEME_DATABASE_URL is of {db.engine.dialect.name}.")
    if not knows(made.revision):
        raise Conflict(f"The backup was made by a later version of ByteMe (database revision {made.revision}).")


def _check_empty(settings: Settings, db: Database) -> None:
    found = {path.name for path in settings.data_dir.iterdir()} - {LOCK}
    if found:
        raise Conflict(
            f"The data folder {settings.data_dir.resolve()} is not empty ({min(found)}). Nothing was changed."
        )
    if settings.artifact_dir.is_dir() and any(settings.artifact_dir.iterdir()):
        raise Conflict(f"{settings.artifact_dir.resolve()} is not empty. Nothing was changed.")
    database.check_empty(db, settings.database)


def _put_back(source: Path, root: Path, room: str, made: Manifest) -> None:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, entry in made.files.items():
        if not name.startswith(f"{room}/"):
            continue
        within = name.removeprefix(f"{room}/")
        target = make_parents(root, within, source)
        if copy(source / within, target).sha256 != entry.sha256 or sha256_of(target) != entry.sha256:
            raise Conflict(f"{target} did not arrive as it was saved.")
