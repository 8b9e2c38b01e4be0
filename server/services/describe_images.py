"""Rows about images in the API's words. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from server.db.image_models import HostImage, ImageAlias, ImagePull, RegistryImage
from server.domain.times import rfc3339


def describe_built(ref: str, digest: str, version: int, *, active: bool) -> dict[str, Any]:
    """The image that is built on the hosts, as the default one."""
    return {
        "alias": "default", "ref": ref, "digest": digest, "active": active, "previous": not active,
        "version": version, "bytes": None, "checks": [], "hosts": [], "created_at": None,
    }  # fmt: skip


def describe_image(
    image: RegistryImage, ref: str, alias: ImageAlias | None, rows: Sequence[HostImage]
) -> dict[str, Any]:
    return {
        "alias": alias.name if alias else None,
        "ref": ref,
        "digest": image.digest,
        "active": alias is not None and alias.digest == image.digest,
        "previous": alias is not None and alias.previous == image.digest,
        "version": alias.version if alias else None,
        "bytes": sum(image.layers.values()),
        "checks": image.checks,
        "hosts": [describe_on_host(row) for row in rows],
        "created_at": rfc3339(image.created_at),
    }


def describe_pull(pull: ImagePull, rows: Iterable[HostImage], live: Iterable[str]) -> dict[str, Any]:
    """A pull, with every host that is there: one that has not begun waits."""
    known = {row.host: describe_on_host(row) for row in rows}
    hosts = sorted({*live, *known})
    return {
        "id": pull.id,
        "ref": pull.ref,
        "alias": pull.alias,
        "activate": pull.activate,
        "dry_run": pull.dry_run,
        "quorum": pull.quorum,
        "state": pull.state,
        "why": pull.why,
        "message": pull.message,
        "digest": pull.digest,
        "bytes": pull.bytes,
        "checks": pull.checks,
        "hosts": [known.get(host) or _waiting(host) for host in hosts],
        "created_at": rfc3339(pull.created_at),
        "finished_at": rfc3339(pull.finished_at),
    }


def describe_on_host(row: HostImage) -> dict[str, Any]:
    return {
        "host": row.host,
        "state": row.state,
        "why": row.why,
        "message": row.message,
        "progress": round(row.progress, 3),
        "attempts": row.attempts,
        "seconds": row.seconds,
        "free_bytes": row.free_bytes,
        "ref": row.ref,
        "retry_at": rfc3339(row.retry_at),
        "verified_at": rfc3339(row.verified_at),
    }


def _waiting(host: str) -> dict[str, Any]:
    return {
        "host": host, "state": "waiting", "why": None, "message": "", "progress": 0.0, "attempts": 0, "seconds": None,
        "free_bytes": None, "ref": "", "retry_at": None, "verified_at": None,
    }  # fmt: skip
