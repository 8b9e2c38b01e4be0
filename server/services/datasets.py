"""Datasets: uploaded once, streamed to the disk, then read-only for every run that names them.

Each upload is a version with an id of its own, which is what runs name; the versions of a series share its name.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ScalarSelect, delete, func, select
from sqlalchemy.orm import Session, aliased, load_only

from server.db.models import Dataset, Run, RunDataset
from server.db.queries import Page, audit, lock_user, newest_first, storage_bytes
from server.db.session import Database
from server.domain.errors import Conflict, NotFound, TooLarge, TooMany
from server.domain.ids import make_id
from server.domain.policy import Actor, require_all, require_owner
from server.domain.run import TERMINAL, State
from server.domain.times import rfc3339
from server.settings import Settings
from server.turns import beside_the_loop

_MIB = 1 << 20
_PIECE = 1 << 20
_LIVE = tuple(set(State) - TERMINAL)
_OF_A_USER = (Run.id, Run.project_id, Run.entrypoint, Run.state, Run.created_at, Run.finished_at)


@dataclass(frozen=True, slots=True)
class Upload:
    """A dataset's content as it comes in. `name` is known once `data` was read to its end."""

    data: Iterator[bytes]
    name: Callable[[], str]


class Datasets:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._root = settings.data_dir / "datasets"

    def create(self, actor: Actor, upload: Upload) -> dict[str, Any]:
        """Stores an upload, all or nothing. Raises TooLarge, TooMany (storage quota), or what reading it raises."""
        now = self._clock()
        dataset_id = make_id(int(now.timestamp() * 1000))
        folder = self._root / dataset_id
        folder.mkdir(parents=True, mode=0o700)
        try:
            size, digest = _write(folder / "data", self._capped(upload.data, self._room(actor)))
            dataset = Dataset(
                id=dataset_id, user_id=actor.id, series_id=dataset_id, version=1, name=upload.name(), bytes=size,
                sha256=digest, created_at=now,
            )  # fmt: skip
            with self._db.transaction() as session:
                self._charge(session, actor, dataset)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self.get(actor, dataset_id)

    def get(self, actor: Actor, dataset_id: str) -> dict[str, Any]:
        """One version."""
        with self._db.transaction() as session:
            return _described(session, [own_dataset(session, actor, dataset_id)])[0]

    def page(self, actor: Actor, *, limit: int, cursor: str | None, search: str | None = None) -> Page:
        """A page of the actor's datasets, each in its newest version, newest first, and the cursor of the next page;
        with `search`, of those whose names hold it."""
        query = select(Dataset).where(Dataset.user_id == actor.id, Dataset.version == _newest_version())
        if search:
            query = query.where(func.lower(Dataset.name).contains(search.lower(), autoescape=True))
        with self._db.transaction() as session:
            rows, following = newest_first(session, query, Dataset, limit, cursor)
            return _described(session, rows), following

    def versions(self, actor: Actor, dataset_id: str, *, limit: int, cursor: str | None) -> Page:
        """A page of the versions of the dataset that one of them names, newest first."""
        with self._db.transaction() as session:
            query = select(Dataset).where(Dataset.series_id == own_dataset(session, actor, dataset_id).series_id)
            if cursor is not None:
                reached = select(Dataset.version).where(Dataset.id == cursor).scalar_subquery()
                query = query.where(Dataset.version < reached)
            rows = list(session.scalars(query.order_by(Dataset.version.desc()).limit(limit + 1)))
            return _described(session, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None

    def runs(self, actor: Actor, dataset_id: str, *, limit: int, cursor: str | None) -> Page:
        """A page of the runs that were given this version, newest first."""
        with self._db.transaction() as session:
            own_dataset(session, actor, dataset_id)
            used = select(RunDataset.run_id).where(RunDataset.dataset_id == dataset_id)
            query = select(Run).options(load_only(*_OF_A_USER)).where(Run.id.in_(used), Run.user_id == actor.id)
            rows, following = newest_first(session, query, Run, limit, cursor)
            return [_described_run(run) for run in rows], following

    def delete(self, actor: Actor, dataset_id: str, *, all_versions: bool = False) -> None:
        """Deletes one version, or all of its series. Raises Conflict while a live run uses what is to go."""
        with self._db.transaction() as session:
            lock_user(session, actor, self._settings.quota)  # against a run that is being submitted with it
            dataset = own_dataset(session, actor, dataset_id)
            series = select(Dataset.id).where(Dataset.series_id == dataset.series_id)
            going = set(session.scalars(series)) if all_versions else {dataset_id}
            live = session.scalars(select(Run.datasets).where(Run.user_id == actor.id, Run.state.in_(_LIVE)))
            if any(mount["id"] in going for mounts in live for mount in mounts):
                raise Conflict("A run that has not ended uses the dataset.")
            session.execute(delete(Dataset).where(Dataset.id.in_(going)))
            for gone in sorted(going):
                audit(session, self._clock(), actor.id, "dataset.delete", gone, **actor.via)
        for gone in going:
            beside_the_loop(shutil.rmtree, self._root / gone, True)

    def add(self, session: Session, actor: Actor, dataset: Dataset) -> None:
        """Inserts what an upload, whose room was kept, became: the next version of its series."""
        lock_user(session, actor, self._settings.quota)
        newest = session.scalar(select(func.max(Dataset.version)).where(Dataset.series_id == dataset.series_id))
        dataset.version = (newest or 0) + 1
        self._insert(session, actor, dataset)

    def remove_strays(self) -> list[str]:
        """Deletes what uploads left that never ended, and says which. Call it while nobody uploads."""
        if not self._root.is_dir():
            return []
        with self._db.transaction() as session:
            known = set(session.scalars(select(Dataset.id)))
        strays = sorted(path.name for path in self._root.iterdir() if path.name not in known)
        for name in strays:
            shutil.rmtree(self._root / name, ignore_errors=True)
        return strays

    def path(self, dataset_id: str) -> Path:
        """Where its content lies on this host."""
        return self._root / dataset_id / "data"

    def content(self, dataset_id: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes [start, end) of it. Ask `get` first: it checks whose it is."""
        with self.path(dataset_id).open("rb", buffering=0) as file:
            file.seek(start)
            while start < end and (piece := file.read(min(_PIECE, end - start))):
                yield piece
                start += len(piece)

    def check_owned(self, session: Session, actor: Actor, dataset_ids: list[str]) -> None:
        """Raises Invalid, naming each entry of a request's `datasets` that is not the actor's."""
        query = select(Dataset.id).where(Dataset.user_id == actor.id, Dataset.id.in_(dataset_ids))
        require_all("datasets.{}.id", "dataset", dataset_ids, session.scalars(query) if dataset_ids else ())

    def digests(self, session: Session, actor: Actor, dataset_ids: list[str]) -> dict[str, str]:
        """The SHA-256 of each that there (still) is among the actor's, by id."""
        query = select(Dataset.id, Dataset.sha256).where(Dataset.user_id == actor.id, Dataset.id.in_(dataset_ids))
        return {row.id: row.sha256 for row in session.execute(query)} if dataset_ids else {}

    def by_digest(self, session: Session, actor: Actor, digests: list[str]) -> dict[str, str]:
        """By SHA-256, the id of the actor's newest dataset of that content."""
        query = select(Dataset.id, Dataset.sha256).where(Dataset.user_id == actor.id, Dataset.sha256.in_(digests))
        return {row.sha256: row.id for row in session.execute(query.order_by(Dataset.id))} if digests else {}

    def _room(self, actor: Actor) -> int:
        """How many bytes the actor may upload now. Raises TooMany when there is no room at all."""
        with self._db.transaction() as session:
            quota = lock_user(session, actor, self._settings.quota)
            left = (quota.storage_mb << 20) - storage_bytes(session, actor.id)
        if left <= 0:
            raise _full(quota.storage_mb)
        return left

    def _charge(self, session: Session, actor: Actor, dataset: Dataset) -> None:
        """Inserts it if it still fits: another upload may have taken the room meanwhile."""
        quota = lock_user(session, actor, self._settings.quota)
        if storage_bytes(session, actor.id) + dataset.bytes > quota.storage_mb << 20:
            raise _full(quota.storage_mb)
        self._insert(session, actor, dataset)

    def _insert(self, session: Session, actor: Actor, dataset: Dataset) -> None:
        session.add(dataset)
        what = {"bytes": dataset.bytes, "version": dataset.version}
        audit(session, self._clock(), actor.id, "dataset.create", dataset.id, **what, **actor.via)

    def _capped(self, data: Iterator[bytes], room: int) -> Iterator[bytes]:
        cap, size = self._settings.max_dataset_mb * _MIB, 0
        for piece in data:
            size += len(piece)
            if size > cap:
                raise TooLarge(f"A dataset may have at most {self._settings.max_dataset_mb} MB.")
            if size > room:
                raise TooMany("The dataset does not fit into your storage quota.", retry_after_s=60)
            yield piece


def _full(storage_mb: int) -> TooMany:
    return TooMany(f"Your storage quota of {storage_mb} MB is used up; delete runs or datasets.", retry_after_s=60)


def own_dataset(session: Session, actor: Actor, dataset_id: str) -> Dataset:
    """The actor's version of that id. Raises NotFound."""
    dataset = session.get(Dataset, dataset_id) if "\0" not in dataset_id else None
    if dataset is None:
        raise NotFound
    require_owner(actor, dataset.user_id)
    return dataset


def _newest_version() -> ScalarSelect[Any]:
    """Of the series of the row that is looked at."""
    other = aliased(Dataset)
    return select(func.max(other.version)).where(other.series_id == Dataset.series_id).scalar_subquery()


def _described(session: Session, datasets: Sequence[Dataset]) -> list[dict[str, Any]]:
    """In the contract's words, with how many versions there are and how many runs used this one."""
    series, ids = {dataset.series_id for dataset in datasets}, {dataset.id for dataset in datasets}
    versions = _counts(session, Dataset.series_id, series)
    runs = _counts(session, RunDataset.dataset_id, ids)
    return [
        {
            "id": dataset.id,
            "name": dataset.name,
            "version": dataset.version,
            "versions": versions[dataset.series_id],
            "bytes": dataset.bytes,
            "sha256": dataset.sha256,
            "created_at": rfc3339(dataset.created_at),
            "used_by_runs": runs.get(dataset.id, 0),
        }
        for dataset in datasets
    ]


def _counts(session: Session, column: Any, values: set[str]) -> dict[str, int]:
    """How many rows have each of the values."""
    counts = session.execute(select(column, func.count()).where(column.in_(values)).group_by(column))
    return {row[0]: row[1] for row in counts}


def _described_run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "project": run.project_id,
        "entrypoint": run.entrypoint,
        "state": str(run.state),
        "created_at": rfc3339(run.created_at),
        "finished_at": rfc3339(run.finished_at),
    }


def _write(path: Path, data: Iterator[bytes]) -> tuple[int, str]:
    """Writes `data` durably and returns its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in data:
            digest.update(piece)
            size += file.write(piece)
        file.flush()
        beside_the_loop(os.fsync, file.fileno())
    path.chmod(0o644)
    return size, digest.hexdigest()
