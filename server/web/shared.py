"""A run as those see it who have its link: all of it read-only, and without what its owner gave it in confidence."""

from typing import Any

from flask import Response

from server.domain.policy import Actor, Scope
from server.services.describe import describe_shared
from server.services.history import History
from server.services.runs import Runs
from server.services.shares import Shares
from server.web import answers, schemas, schemas_results
from server.web import answers_results as results
from server.web.artifacts import send_archive, send_artifact
from server.web.routing import Access, route
from server.web.runs import send_output


class SharedRoutes:
    def __init__(self, shares: Shares, runs: Runs, history: History) -> None:
        self._shares = shares
        self._runs = runs
        self._history = history

    @route("GET", "/shared/<token>", scope=Scope.RUNS_READ, answer=results.SharedRun)
    def get(self, actor: Actor, token: str) -> dict[str, Any]:
        """Show a shared run"""
        return describe_shared(self._runs.get(*self._shares.open(token)))

    @route(
        "GET", "/shared/<token>/output", scope=Scope.RUNS_READ, access=Access.DOWNLOAD,
        content="application/octet-stream",
    )  # fmt: skip
    def output(self, actor: Actor, token: str) -> Response:
        """Download a shared run's output"""
        return send_output(self._runs, *self._shares.open(token))

    @route("GET", "/shared/<token>/files", scope=Scope.RUNS_READ, answer=results.RunFiles)
    def files(self, actor: Actor, token: str) -> dict[str, Any]:
        """Show the code that a shared run got"""
        return self._history.files(*self._shares.open(token))

    @route(
        "GET", "/shared/<token>/metrics", scope=Scope.RUNS_READ, query=schemas.MetricsQuery, answer=answers.MetricPage
    )
    def metrics(self, actor: Actor, token: str, query: schemas.MetricsQuery) -> dict[str, Any]:
        """List the metrics that a shared run's program reported, in order"""
        items, following = self._runs.metrics(*self._shares.open(token), query.cursor)
        return {"items": items, "next": following}

    @route(
        "GET", "/shared/<token>/artifacts", scope=Scope.RUNS_READ, query=schemas.PageQuery, answer=answers.ArtifactPage
    )
    def artifacts(self, actor: Actor, token: str, query: schemas.PageQuery) -> dict[str, Any]:
        """List a shared run's artifacts, by path"""
        owner, run_id = self._shares.open(token)
        items, following = self._runs.artifacts(owner, run_id, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "GET", "/shared/<token>/artifacts/<anything:path>", scope=Scope.RUNS_READ, access=Access.DOWNLOAD,
        content="*/*",
    )  # fmt: skip
    def artifact(self, actor: Actor, token: str, path: str) -> Response:
        """Download an artifact of a shared run"""
        return send_artifact(self._runs, *self._shares.open(token), path)

    @route(
        "GET", "/shared/<token>/artifacts.zip", scope=Scope.RUNS_READ, access=Access.DOWNLOAD,
        query=schemas_results.ArchiveQuery, content="application/zip",
    )  # fmt: skip
    def archive(self, actor: Actor, token: str, query: schemas_results.ArchiveQuery) -> Response:
        """Download artifacts of a shared run as a zip"""
        return send_archive(self._runs, *self._shares.open(token))
