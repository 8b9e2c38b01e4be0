"""Rows in the contract's words. Pure."""

from typing import Any

from server.db.models import Artifact
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
