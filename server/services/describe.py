"""Rows in the contract's words. Pure."""

from typing import Any

from server.db.models import Artifact, RunEvent
from server.domain.times import rfc3339
from server.domain.wait import Place

_MIB = 1 << 20


def describe_run(run: Any, place: Place | None = None, output_reached: int | None = None) -> dict[str, Any]:
    """The contract's Run, of a `Run` or a row with its columns. `place` is a queued one's; `output_reached`
    counts while it lives; the row knows once it has ended."""
    return {
        "id": run.id,
        "project": run.project_id,
        "entrypoint": run.entrypoint,
        "args": run.args,
        "env": run.env,
        "datasets": run.datasets,
        "secrets": run.secrets or [],
        "limits": run.limits,
        "network": str(run.network),
        "state": str(run.state),
        "reason": str(run.reason) if run.reason else None,
        "exit_code": run.exit_code,
        "message": run.message,
        "created_at": rfc3339(run.created_at),
        "started_at": rfc3339(run.started_at),
        "finished_at": rfc3339(run.finished_at),
        "queue_position": place.position if place else None,
        "queue_wait_s": place.wait_s if place else None,
        "image": {"alias": run.image_alias, "ref": run.image_ref, "digest": run.image_digest},
        "host": run.host,
        "warm": bool(run.warm),
        "usage": {
            "cpu_s": round(run.cpu_s or 0.0, 3),
            "peak_memory_mb": _mib(run.peak_memory_bytes),
            "disk_mb": _mib(run.disk_bytes),
        },
        "output": {
            "bytes": max(run.output_bytes or 0, output_reached or 0),
            "truncated": bool(run.output_truncated),
        },
        "artifacts": {
            "count": run.artifact_count or 0,
            "bytes": run.artifact_bytes or 0,
            "skipped": run.artifacts_skipped or [],
        },
        "trace": run.trace or [],
        "metrics": run.last_metrics or [],
        "tags": run.tags or [],
        "note": run.note or "",
        "starred": bool(run.starred),
        "shared_at": rfc3339(run.shared_at),
    }


# What somebody with a link sees of a run: what it did, not what its owner gave it or says of it.
_SHARED = (
    "id", "entrypoint", "args", "limits", "network", "state", "reason", "exit_code", "message", "created_at",
    "started_at", "finished_at", "image", "usage", "output", "artifacts", "metrics", "shared_at",
)  # fmt: skip


def describe_shared(run: dict[str, Any]) -> dict[str, Any]:
    """The part of a contract's Run that its link shows."""
    return {name: run[name] for name in _SHARED}


def describe_event(event: RunEvent) -> dict[str, Any]:
    return {
        "time": rfc3339(event.time),
        "state": event.state,
        "reason": event.reason,
        "attempt": event.attempt,
    }


def describe_artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "bytes": artifact.bytes,
        "sha256": artifact.sha256,
        "media_type": artifact.media_type,
        "created_at": rfc3339(artifact.created_at),
    }


def _mib(size: int | None) -> float:
    return round((size or 0) / _MIB, 1)
