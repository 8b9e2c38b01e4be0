"""From what a sandbox left in its outputs to stored artifacts, within the tenant's caps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from mimetypes import MimeTypes
from pathlib import PurePosixPath

from server.domain.ports import ArtifactStore, Member, Skipped, StoredObject
from server.domain.quota import Quota
from server.services.native import beside_the_loop

MAX_SKIPPED = 100  # how many left-out files are told of one by one
MAX_PATH = 1024
_MIB = 1 << 20
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


def collect(members: Iterator[Member | Skipped], store: ArtifactStore, run_id: str, quota: Quota) -> Collected:
    """Stores every member that fits below the caps, under keys of ours; the rest is told of in `skipped`."""
    result, paths = Collected(), set[str]()
    left, left_out = quota.artifact_mb * _MIB, 0
    for member in members:
        refused = member if isinstance(member, Skipped) else _refusal(member, result, paths, left, quota)
        if isinstance(refused, Skipped):
            left_out += 1
            if left_out <= MAX_SKIPPED:
                result.skipped.append(refused)
        elif isinstance(member, Member):
            item = _store(member, store, f"{run_id}/{len(result.items)}")
            result.items.append(item)
            paths.add(item.path)
            left -= item.stored.bytes
    if left_out > MAX_SKIPPED:
        result.skipped.append(Skipped("", f"and {left_out - MAX_SKIPPED} more"))
    return result


def _refusal(member: Member, result: Collected, paths: set[str], left: int, quota: Quota) -> Skipped | None:
    if member.path in paths:
        return Skipped(member.path, "another file has the same name as text")
    if len(member.path.encode()) > MAX_PATH:
        return Skipped(member.path[:MAX_PATH], f"its path is longer than {MAX_PATH} bytes")
    if len(result.items) >= quota.artifact_count:
        result.over_limit = result.over_limit or f"Artifact limit of {quota.artifact_count} files reached."
        return Skipped(member.path, f"over the limit of {quota.artifact_count} files")
    if member.size > left:
        result.over_limit = result.over_limit or f"Artifact limit {quota.artifact_mb} MB reached."
        return Skipped(member.path, f"{member.size} bytes, over the limit of {quota.artifact_mb} MB in all")
    return None


def _store(member: Member, store: ArtifactStore, key: str) -> Item:
    stored = beside_the_loop(store.put, key, member.data)
    media_type = _TYPES.guess_type("file" + PurePosixPath(member.path).suffix)[0] or "application/octet-stream"
    return Item(member.path, key, media_type, stored)
