"""From what a sandbox left in its outputs to stored artifacts, within the tenant's caps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from mimetypes import MimeTypes
from pathlib import PurePosixPath

from server.domain.ports import ArtifactStore, Member, Skipped, StoredObject
from server.domain.quota import Room
from server.turns import all_beside_the_loop, beside_the_loop

MAX_SKIPPED = 100  # how many left-out files are told of one by one
MAX_PATH = 1024
_MIB = 1 << 20
SMALL = 256 << 10  # bytes of a member that is read here and stored together with others
BATCH_BYTES = _MIB
BATCH = 64
_TYPES = MimeTypes(filenames=())  # Python's own table: a host's may take .pt for something else


@dataclass(frozen=True, slots=True)
class Item:
    path: str
    key: str
    media_type: str
    stored: StoredObject


@dataclass(slots=True)
class Collected:
    """What was stored and what was left out; `over_limit` says which cap was reached."""

    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    over_limit: str | None = None


def collect(
    members: Iterator[Member | Skipped], store: ArtifactStore, run_id: str, most: int, look: Callable[[], Room]
) -> Collected:
    """Stores every member that fits, `most` of them and as many bytes as there is room for when the first one comes,
    under keys of ours; the rest is told of in `skipped`."""
    collection = _Collection(store, run_id, most, look)
    for member in members:
        refused = member if isinstance(member, Skipped) else collection.refusal(member)
        if refused:
            collection.leave_out(refused)
        elif isinstance(member, Member):
            collection.take(member)
    return collection.end()


class _Collection:
    """What was taken so far. Small members wait to be stored together: their trips to the disk then overlap."""

    def __init__(self, store: ArtifactStore, run_id: str, most: int, look: Callable[[], Room]) -> None:
        self._store, self._run_id, self._most, self._look = store, run_id, most, look
        self._result, self._paths = Collected(), set[str]()
        self._taken, self._left_out = 0, 0
        self._small: list[_Small] = []

    def refusal(self, member: Member) -> Skipped | None:
        result, most, room = self._result, self._most, self._room
        if member.path in self._paths:
            return Skipped(member.path, "another file has the same name as text")
        if len(member.path.encode()) > MAX_PATH:
            return Skipped(member.path[:MAX_PATH], f"its path is longer than {MAX_PATH} bytes")
        if len(self._paths) >= most:
            result.over_limit = result.over_limit or f"Artifact limit of {most} files reached."
            return Skipped(member.path, f"over the limit of {most} files")
        if member.size > room.bytes - self._taken:
            result.over_limit = result.over_limit or f"{room.bound[0].upper()}{room.bound[1:]} reached."
            return Skipped(member.path, f"{member.size} bytes, over the {room.bound}")
        return None

    @cached_property
    def _room(self) -> Room:
        return self._look()

    def leave_out(self, skipped: Skipped) -> None:
        self._left_out += 1
        if self._left_out <= MAX_SKIPPED:
            self._result.skipped.append(skipped)

    def take(self, member: Member) -> None:
        key = f"{self._run_id}/{len(self._paths)}"
        self._paths.add(member.path)
        if member.size <= SMALL:
            self._small.append(_Small(member.path, key, b"".join(member.data)))
            self._taken += len(self._small[-1].data)
            if len(self._small) >= BATCH or sum(len(small.data) for small in self._small) >= BATCH_BYTES:
                self._store_small()
        else:
            self._store_small()
            stored = beside_the_loop(self._store.put, key, member.data)
            self._result.items.append(_item(member.path, key, stored))
            self._taken += stored.bytes

    def end(self) -> Collected:
        self._store_small()
        if self._left_out > MAX_SKIPPED:
            self._result.skipped.append(Skipped("", f"and {self._left_out - MAX_SKIPPED} more"))
        return self._result

    def _store_small(self) -> None:
        batch, self._small = self._small, []
        stored = all_beside_the_loop(partial(self._store.put, small.key, iter([small.data])) for small in batch)
        self._result.items += [_item(small.path, small.key, one) for small, one in zip(batch, stored, strict=True)]


@dataclass(frozen=True, slots=True)
class _Small:
    path: str
    key: str
    data: bytes


def _item(path: str, key: str, stored: StoredObject) -> Item:
    media_type = _TYPES.guess_type("file" + PurePosixPath(path).suffix)[0] or "application/octet-stream"
    return Item(path, key, media_type, stored)
