"""What runs left in their outputs folder."""

from typing import Any

from flask import Response, request

from server.domain.policy import Actor, Scope
from server.services.runs import Runs
from server.web import answers, schemas, schemas_results
from server.web.archive import safe_names, zip_stream
from server.web.downloads import Content, attachment, protect, send
from server.web.routing import Access, route


class ArtifactRoutes:
    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    @route(
        "GET", "/runs/<run_id>/artifacts", scope=Scope.RUNS_READ, query=schemas.PageQuery, answer=answers.ArtifactPage
    )
    def list(self, actor: Actor, run_id: str, query: schemas.PageQuery) -> dict[str, Any]:
        """List a run's artifacts, by path"""
        items, following = self._runs.artifacts(actor, run_id, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "GET", "/runs/<run_id>/artifacts/<anything:path>", scope=Scope.RUNS_READ, access=Access.DOWNLOAD, content="*/*"
    )
    def get(self, actor: Actor, run_id: str, path: str) -> Response:
        """Download an artifact

        Its ETag is its SHA-256; Range and If-Range resume a download that was cut.
        """
        return send_artifact(self._runs, actor, run_id, path)

    @route(
        "GET", "/runs/<run_id>/artifacts.zip", scope=Scope.RUNS_READ, access=Access.DOWNLOAD,
        query=schemas_results.ArchiveQuery, content="application/zip",
    )  # fmt: skip
    def archive(self, actor: Actor, run_id: str, query: schemas_results.ArchiveQuery) -> Response:
        """Download all artifacts, or those of some paths, as a zip"""
        return send_archive(self._runs, actor, run_id)


def send_artifact(runs: Runs, owner: Actor, run_id: str, path: str) -> Response:
    """The response to the present request for one of the owner's artifacts."""
    artifact = runs.artifact(owner, run_id, path)
    return send(
        Content(
            length=artifact.bytes,
            read=lambda start, end: runs.content(artifact, start, end),
            media_type=artifact.media_type,
            filename=artifact.path,
            etag=artifact.sha256,
        )
    )


def send_archive(runs: Runs, owner: Actor, run_id: str) -> Response:
    """The response to the present request for several: those whose `path` it gives, else all."""
    artifacts = runs.all_artifacts(owner, run_id, request.args.getlist("path"))
    names = safe_names(artifact.path for artifact in artifacts)
    pairs = zip(names, artifacts, strict=True)
    members = zip_stream((name, a.bytes, runs.content_later(a)) for name, a in pairs)
    response = Response(iter(members), content_type="application/zip")
    response.content_length = len(members)
    response.headers["Content-Disposition"] = attachment(f"run-{run_id[:12]}-artifacts.zip")
    protect(response)
    return response
