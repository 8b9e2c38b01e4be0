"""A backup: the database first, then every file that it may name. The server may go on meanwhile.

A row without its bytes would be a download that fails; bytes without a row are never seen. So what comes later is a
superset, but for what is deleted in between.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from server.backup import database, manifest
from server.backup.files import copy, make_parents, regular_files, sha256_of
from server.backup.manifest import Entry, Manifest
from server.db.models import Artifact, Dataset
from server.db.session import Database
from server.domain.errors import Conflict
from server.domain.times import rfc3339
from server.folder import LAST_BACKUP, LOCK, RESTORING
from server.settings import Settings

# Of live sandboxes, or of this process's: worthless elsewhere.
PASSING = ("sandboxes", "egress", LOCK, RESTORING, LAST_BACKUP)

Stored = dict[str, tuple[str, str]]  # what the database names: path in the backup -> SHA-256 and what it is


@dataclass(slots=True)
class Saved:
    """`manifest` of the backup; `lost` says which files the database names that are not there, or not as they were;
    `linked` files were not copied: the earlier backup's serve both."""

    manifest: Manifest
    lost: list[str] = field(default_factory=list)
    linked: int = 0


def save(
    settings: Settings, db: Database, target: Path, now: datetime, *, base: Path | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> Saved:  # fmt: skip
    """Makes a backup in `target`, a folder that is new or empty. Files that have not changed since the backup `base`
    are links to its. Raises Conflict, or OSError; without a manifest then, what is there is no backup."""
    earlier = manifest.read(base) if base else None
    _make_target(settings, target)
    kind = db.engine.dialect.name
    said("the database")
    database.save(db, settings.database, target / database.FILES[kind])
    named = _named(db)
    said("outputs, artifacts, datasets")
    copier = _Copier(target, base, earlier)
    for room, root, without in _roots(settings):
        copier.take(room, root, without)
    files = copier.files | {database.FILES[kind]: _entry(target / database.FILES[kind])}
    made = Manifest(rfc3339(now), kind, database.revision(db), files)
    os.sync()  # the manifest says that the rest is there
    made.write(target)
    os.sync()
    lost = _lost(db, named, files)
    if not lost:
        (settings.data_dir / LAST_BACKUP).touch()
    return Saved(made, lost, copier.linked)


class _Copier:
    def __init__(self, target: Path, base: Path | None, earlier: Manifest | None) -> None:
        self._target, self._base = target, base
        self._earlier = earlier.files if earlier else {}
        self.files: dict[str, Entry] = {}
        self.linked = 0

    def take(self, room: str, root: Path, without: frozenset[Path]) -> None:
        """All files below `root`, into the backup's folder `room`."""
        for path in regular_files(root, without):
            within = path.relative_to(root).as_posix()
            name = f"{room}/{within}"
            (self._target / room).mkdir(mode=0o700, exist_ok=True)
            try:
                made = make_parents(self._target / room, within, root)
                self.files[name] = self._linked(name, path, made) or copy(path, made)
            except FileNotFoundError:  # deleted meanwhile
                continue

    def _linked(self, name: str, path: Path, made: Path) -> Entry | None:
        entry, stat = self._earlier.get(name), path.stat()
        if self._base is None or entry is None or (entry.bytes, entry.mtime_ns) != (stat.st_size, stat.st_mtime_ns):
            return None
        try:
            os.link(self._base / name, made)
        except OSError:  # another file system, or no longer there
            return None
        self.linked += 1
        return entry


def _roots(settings: Settings) -> Iterator[tuple[str, Path, frozenset[Path]]]:
    """The folders to copy: name in the backup, where it is, and what of it is not wanted."""
    data, artifacts = settings.data_dir.resolve(), settings.artifact_dir.resolve()
    without = {data / name for name in PASSING} | {artifacts}
    if settings.database.startswith("sqlite"):
        file = database.sqlite_path(settings.database).resolve()
        without |= {file.with_name(file.name + suffix) for suffix in database.SQLITE_FILES}
    yield "artifacts", artifacts, frozenset()
    yield "data", data, frozenset(without)


def _make_target(settings: Settings, target: Path) -> None:
    for root in (settings.data_dir.resolve(), settings.artifact_dir.resolve()):
        if target.resolve().is_relative_to(root):
            raise Conflict(f"{target} is inside of {root}, which is to be backed up.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(target.iterdir()):
        raise Conflict(f"{target} is not empty. Nothing was changed.")
    wanted = sum(path.stat().st_size for _, root, without in _roots(settings) for path in regular_files(root, without))
    free = shutil.disk_usage(target).free
    if settings.data_dir.stat().st_dev != target.stat().st_dev and free < wanted:
        raise Conflict(f"{target} has room for {free >> 20} MB; up to {wanted >> 20} MB are to be backed up.")


def _entry(path: Path) -> Entry:
    stat = path.stat()
    return Entry(stat.st_size, sha256_of(path), stat.st_mtime_ns)


def _named(db: Database) -> Stored:
    with db.transaction() as session:
        artifacts = session.execute(select(Artifact.store_key, Artifact.sha256, Artifact.run_id, Artifact.path)).all()
        datasets = session.execute(select(Dataset.id, Dataset.sha256)).all()
    return {
        f"artifacts/{row.store_key}": (row.sha256, f"artifact {row.path} of run {row.run_id}") for row in artifacts
    } | {f"data/datasets/{row.id}/data": (row.sha256, f"dataset {row.id}") for row in datasets}


def _lost(db: Database, named: Stored, files: dict[str, Entry]) -> list[str]:
    """Which of `named` the backup does not hold as they were stored, though they were not deleted meanwhile."""
    doubtful = {name for name, (sha256, _) in named.items() if name not in files or files[name].sha256 != sha256}
    still = _named(db) if doubtful else {}
    return sorted(named[name][1] for name in doubtful if name in still)
