"""Uploads that go on where they were cut.

What has come lies in a file, and its length is how far the upload is: nothing else has to agree with it after a crash.
A whole one becomes a dataset with the upload's id. `web/tus.py` says the protocol's words for this.
"""

import base64
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.db.models import Dataset, Upload
from server.db.queries import Page, audit, lock_user, newest_first, storage_bytes
from server.db.session import Database
from server.domain.errors import ChecksumMismatch, Conflict, Invalid, NotFound, TooLarge, TooMany, Unavailable
from server.domain.ids import make_id
from server.domain.policy import Actor, Scope, require_owner, require_scope
from server.domain.times import rfc3339
from server.services.datasets import Datasets, own_dataset
from server.settings import Settings
from server.turns import beside_the_loop

MOST = 100  # unfinished ones of a tenant
MOST_CHECKED = 64 << 20  # bytes of a request with a checksum: until the last has come they lie beside the quota
SYNC_EVERY = 32 << 20  # bytes that may wait to be written: else a slow disk would hold up the loop


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What is to come. `dataset` is any version of the dataset that it is to be the next version of."""

    name: str
    bytes: int
    dataset: str | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must have: the name of a hashlib algorithm, and a digest in base64."""

    algorithm: str
    digest: str


class _Place:
    """Of one upload: whoever writes to it, or finishes it, is alone."""

    def __init__(self) -> None:
        self.lock = Lock()


class Uploads:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime], datasets: Datasets) -> None:
        self._db, self._settings, self._clock, self._datasets = db, settings, clock, datasets
        self._root = settings.data_dir / "uploads"
        self._places: WeakValueDictionary[str, _Place] = WeakValueDictionary()
        self._turns: dict[str, object] = {}  # by upload: the request that may write

    @property
    def max_bytes(self) -> int:
        return self._settings.max_dataset_mb << 20

    def create(self, actor: Actor, new: NewUpload) -> dict[str, Any]:
        """Begins an upload; from now on it counts against its owner's storage.

        Raises TooLarge (above the largest dataset, or the quota), TooMany, Invalid (no such dataset) or Unavailable
        (the disk).
        """
        if new.bytes > self.max_bytes:
            raise TooLarge(f"A dataset may have at most {self._settings.max_dataset_mb} MB.")
        self._check_disk(new.bytes + self._promised())
        now = self._clock()
        with self._db.transaction() as session:
            self._check_quota(session, actor, new.bytes)
            upload = _row(session, actor, new, now, now + timedelta(days=self._settings.upload_days))
            session.add(upload)
            audit(session, now, actor.id, "upload.create", upload.id, bytes=new.bytes, **actor.via)
        self._root.mkdir(mode=0o700, exist_ok=True)
        return self._told(actor, upload)

    def get(self, actor: Actor, upload_id: str) -> dict[str, Any]:
        """How far it is; a whole one that a crash kept from becoming a dataset becomes one now."""
        upload = self._find(actor, upload_id)
        return self._told(actor, upload) if upload else self._finished(actor, upload_id)

    def page(self, actor: Actor, *, limit: int, cursor: str | None) -> Page:
        """A page of the actor's unfinished uploads, newest first, and the cursor of the next page."""
        query = select(Upload).where(Upload.user_id == actor.id, Upload.expires_at > self._clock())
        with self._db.transaction() as session:
            rows, following = newest_first(session, query, Upload, limit, cursor)
        return [self._describe(row) for row in rows], following

    def resume(self, actor: Actor, upload_id: str) -> dict[str, Any]:
        """How far it is, and stays: no earlier request writes to it from now on. Who comes again after a cut need not
        wait until what it left is noticed. Raises Forbidden for a key that may only read."""
        require_scope(actor, Scope.DATASETS_WRITE)
        self._find(actor, upload_id)
        self._turns.pop(upload_id, None)
        with self._alone(upload_id):
            pass
        return self.get(actor, upload_id)

    def append(
        self, actor: Actor, upload_id: str, offset: int, pieces: Iterator[bytes], checksum: Checksum | None = None
    ) -> dict[str, Any]:
        """Adds bytes at `offset`, as they come; with a checksum all of them or none.

        Raises Conflict when it is not that far, or another request goes on with it; TooLarge, ChecksumMismatch,
        Unavailable (the disk is full), or what reading raises.
        """
        told, turn = self.resume(actor, upload_id), object()
        self._turns[upload_id] = turn
        try:
            if offset != told["offset"]:
                raise Conflict(f"The upload is at offset {told['offset']}.")
            if offset < told["bytes"]:
                allowed = self._allowed(upload_id, turn, told["bytes"] - offset, pieces)
                self._receive(upload_id, turn, allowed, checksum)
            return self.get(actor, upload_id)
        finally:
            if self._turns.get(upload_id) is turn:
                del self._turns[upload_id]

    def delete(self, actor: Actor, upload_id: str) -> None:
        """Gives up an unfinished upload."""
        with self._alone(upload_id):
            with self._db.transaction() as session:
                if _own(session, actor, upload_id) is None:
                    raise NotFound
                session.execute(delete(Upload).where(Upload.id == upload_id))
                audit(session, self._clock(), actor.id, "upload.delete", upload_id, **actor.via)
            self._remove(upload_id)

    def expire(self) -> int:
        """Removes what was not finished in time; how many."""
        with self._db.transaction() as session:
            late = session.execute(select(Upload.id, Upload.user_id).where(Upload.expires_at <= self._clock())).all()
        return sum(self._expire(row.id, row.user_id) for row in late)

    def _expire(self, upload_id: str, user_id: str) -> bool:
        """False when it has become a dataset, or was given up, meanwhile."""
        with self._alone(upload_id):
            with self._db.transaction() as session:
                gone = session.execute(delete(Upload).where(Upload.id == upload_id).returning(Upload.id)).one_or_none()
                if gone is not None:
                    audit(session, self._clock(), None, "upload.expire", upload_id, user=user_id)
            if gone is not None:
                self._remove(upload_id)
        return gone is not None

    def remove_strays(self) -> list[str]:
        """Deletes files that belong to no upload, and says which. Call it while nobody uploads."""
        if not self._root.is_dir():
            return []
        with self._db.transaction() as session:
            known = set(session.scalars(select(Upload.id)))
        strays = sorted(path.name for path in self._root.iterdir() if path.name not in known)
        for name in strays:
            (self._root / name).unlink()
        return strays

    def _check_disk(self, size: int) -> None:
        free = shutil.disk_usage(self._settings.data_dir).free
        if free - size < self._settings.min_free_disk_mb << 20:
            raise Unavailable("The server's disk has no room for this now.")

    def _promised(self) -> int:
        """The bytes that are still to come of what has begun."""
        with self._db.transaction() as session:
            begun = session.execute(select(Upload.id, Upload.bytes)).all()
        return sum(max(0, row.bytes - self._offset(row.id)) for row in begun)

    def _check_quota(self, session: Session, actor: Actor, size: int) -> None:
        quota = lock_user(session, actor, self._settings.quota)
        if storage_bytes(session, actor.id) + size > quota.storage_mb << 20:
            raise TooLarge(f"It does not fit into your storage quota of {quota.storage_mb} MB.")
        count = session.scalar(select(func.count()).select_from(Upload).where(Upload.user_id == actor.id))
        if count and count >= MOST:
            raise TooMany(f"{MOST} uploads of yours are not finished; finish or discard some.", retry_after_s=60)

    def _find(self, actor: Actor, upload_id: str) -> Upload | None:
        """None: it has become a dataset."""
        with self._db.transaction() as session:
            upload = _own(session, actor, upload_id)
        if upload and upload.expires_at <= self._clock():
            raise NotFound
        return upload

    def _told(self, actor: Actor, upload: Upload) -> dict[str, Any]:
        if self._offset(upload.id) < upload.bytes:
            return self._describe(upload)
        self._finish(actor, upload)
        return self._finished(actor, upload.id)

    def _describe(self, upload: Upload) -> dict[str, Any]:
        return {
            "id": upload.id,
            "name": upload.name,
            "bytes": upload.bytes,
            "offset": self._offset(upload.id),
            "fingerprint": upload.fingerprint,
            "created_at": rfc3339(upload.created_at),
            "expires_at": rfc3339(upload.expires_at),
        }

    def _finished(self, actor: Actor, upload_id: str) -> dict[str, Any]:
        dataset = self._datasets.get(actor, upload_id)
        told = {name: dataset[name] for name in ("id", "name", "bytes", "created_at")}
        return told | {"offset": dataset["bytes"], "fingerprint": "", "expires_at": None}

    def _path(self, upload_id: str) -> Path:
        return self._root / upload_id

    def _offset(self, upload_id: str) -> int:
        path = self._path(upload_id)
        return path.stat().st_size if path.exists() else 0

    @contextmanager
    def _alone(self, upload_id: str) -> Iterator[None]:
        place = self._places.setdefault(upload_id, _Place())
        with place.lock:
            yield

    def _allowed(self, upload_id: str, turn: object, room: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, as long as they fit and it is this request's turn. Nobody else runs between that look and what
        is done with the piece."""
        for piece in pieces:
            if self._turns.get(upload_id) is not turn:
                raise Conflict("Another request goes on with this upload.")
            room -= len(piece)
            if room < 0:
                raise TooLarge("More has come than the upload's length.")
            yield piece

    def _while_there_is_room(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces. Raises Unavailable before the disk is so full that runs have to wait."""
        since = SYNC_EVERY
        for piece in pieces:
            since += len(piece)
            if since >= SYNC_EVERY:
                self._check_disk(0)
                since = 0
            yield piece

    def _receive(self, upload_id: str, turn: object, pieces: Iterator[bytes], checksum: Checksum | None) -> None:
        if checksum is None:
            _append(self._path(upload_id), self._while_there_is_room(pieces))
            return
        aside = self._root / f"{upload_id}.{secrets.token_hex(4)}"
        try:
            _append(aside, _checked(self._while_there_is_room(_at_most(pieces, MOST_CHECKED)), checksum))
            with self._alone(upload_id):
                if self._turns.get(upload_id) is not turn:
                    raise Conflict("Another request goes on with this upload.")
                failure = beside_the_loop(_copy, aside, self._path(upload_id))
            if failure:
                raise Unavailable("The server's disk is full.")
        finally:
            aside.unlink(missing_ok=True)

    def _finish(self, actor: Actor, upload: Upload) -> None:
        """Makes a whole upload the dataset that it is to be. A crash on the way leaves it as it was."""
        with self._alone(upload.id):
            if self._find(actor, upload.id) is None:
                return
            if upload.bytes == 0:
                self._path(upload.id).touch()  # of length 0 nothing has come
            digest = beside_the_loop(_settle, self._path(upload.id), self._datasets.path(upload.id))
            dataset = Dataset(
                id=upload.id, user_id=upload.user_id, series_id=upload.series_id, name=upload.name,
                bytes=upload.bytes, sha256=digest, created_at=self._clock(),
            )  # fmt: skip
            with self._db.transaction() as session:
                self._datasets.add(session, actor, dataset)
                session.execute(delete(Upload).where(Upload.id == upload.id))
            self._remove(upload.id)

    def _remove(self, upload_id: str) -> None:
        self._turns.pop(upload_id, None)
        self._path(upload_id).unlink(missing_ok=True)


def _row(session: Session, actor: Actor, new: NewUpload, now: datetime, expires: datetime) -> Upload:
    upload_id, name, series_id = make_id(int(now.timestamp() * 1000)), new.name, ""
    if new.dataset is not None:
        try:
            earlier = own_dataset(session, actor, new.dataset)
        except NotFound:
            raise Invalid.of("upload-metadata.dataset", "there is no such dataset") from None
        name, series_id = earlier.name, earlier.series_id
    return Upload(
        id=upload_id, user_id=actor.id, series_id=series_id or upload_id, name=name, bytes=new.bytes,
        fingerprint=new.fingerprint, created_at=now, expires_at=expires,
    )  # fmt: skip


def _own(session: Session, actor: Actor, upload_id: str) -> Upload | None:
    """The actor's unfinished upload; None when it is a dataset of theirs by now. Raises NotFound."""
    upload = session.get(Upload, upload_id) if "\0" not in upload_id else None
    if upload is None:
        own_dataset(session, actor, upload_id)
        return None
    require_owner(actor, upload.user_id)
    return upload


def _append(path: Path, pieces: Iterator[bytes]) -> None:
    """Writes them as they come, durably. Raises Unavailable when the disk is full."""
    waiting = 0
    with path.open("ab", buffering=0) as file:
        for piece in pieces:
            _write(file.fileno(), piece)
            waiting += len(piece)
            if waiting >= SYNC_EVERY:
                beside_the_loop(os.fdatasync, file.fileno())
                waiting = 0
        beside_the_loop(os.fdatasync, file.fileno())


def _write(descriptor: int, piece: bytes) -> None:
    left = memoryview(piece)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise Unavailable("The server's disk is full.") from error


def _at_most(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The pieces. Raises TooLarge when they are more."""
    for piece in pieces:
        most -= len(piece)
        if most < 0:
            raise TooLarge(f"Send at most {MOST_CHECKED >> 20} MiB with one Upload-Checksum.")
        yield piece


def _checked(pieces: Iterator[bytes], checksum: Checksum) -> Iterator[bytes]:
    """The pieces. Raises ChecksumMismatch at their end."""
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
        yield piece
    if base64.b64encode(digest.digest()).decode() != checksum.digest:
        raise ChecksumMismatch


def _copy(source: Path, target: Path) -> OSError | None:
    """Appends all of `source` to `target`, durably, or nothing and the failure."""
    with source.open("rb") as reader, target.open("ab") as writer:
        before = writer.tell()
        try:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fdatasync(writer.fileno())
        except OSError as error:
            os.ftruncate(writer.fileno(), before)
            return error
    return None


def _settle(part: Path, target: Path) -> str:
    """Gives a whole upload its place, durably, and its SHA-256. Until it is removed, `part` stays where it is."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    target.unlink(missing_ok=True)
    target.hardlink_to(part)
    target.chmod(0o644)
    for folder in (target.parent, target.parent.parent):
        _sync_folder(folder)
    return digest


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
