"""Runs: submit, look, cancel, and what they said."""

from typing import Any

from flask import Response

from server.domain.policy import Actor, Scope
from server.services.runs import Runs
from server.web import answers, schemas
from server.web.downloads import Content, send
from server.web.limits import By, Rate
from server.web.routing import PREFIX, Access, route


class RunRoutes:
    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    @route(
        "POST", "/runs", scope=Scope.RUNS_WRITE, body=schemas.RunRequest, headers=schemas.SubmitHeaders,
        answer=answers.Run, status=201, problems=(409,), rates=(Rate("240/minute", By.USER),),
    )  # fmt: skip
    def submit(
        self, actor: Actor, body: schemas.RunRequest, headers: schemas.SubmitHeaders
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Submit a run"""
        run = self._runs.submit(actor, body.to_spec(), idempotency_key=headers.idempotency_key)
        return run, 201, {"Location": f"{PREFIX}/runs/{run['id']}"}

    @route("GET", "/runs", scope=Scope.RUNS_READ, query=schemas.RunsQuery, answer=answers.RunPage)
    def list(self, actor: Actor, query: schemas.RunsQuery) -> dict[str, Any]:
        """List your runs, newest first"""
        items, following = self._runs.page(actor, query.wanted(), limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route("GET", "/runs/<run_id>", scope=Scope.RUNS_READ, answer=answers.Run)
    def get(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """Show a run"""
        return self._runs.get(actor, run_id)

    @route("POST", "/runs/<run_id>/cancel", scope=Scope.RUNS_WRITE, answer=answers.Run, status=202, problems=(409,))
    def cancel(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """Cancel a run"""
        return self._runs.cancel(actor, run_id)

    @route("DELETE", "/runs/<run_id>", scope=Scope.RUNS_WRITE, status=204, problems=(409,))
    def delete(self, actor: Actor, run_id: str) -> tuple[str, int]:
        """Delete an ended run, its output and its artifacts"""
        self._runs.delete(actor, run_id)
        return "", 204

    @route(
        "GET",
        "/runs/<run_id>/output",
        scope=Scope.RUNS_READ,
        access=Access.DOWNLOAD,
        content="application/octet-stream",
    )
    def output(self, actor: Actor, run_id: str) -> Response:
        """Download the output

        Raw bytes of both streams in order of arrival; of a run that has not ended, what there is now.
        """
        return send_output(self._runs, actor, run_id)

    @route(
        "GET", "/runs/<run_id>/metrics", scope=Scope.RUNS_READ, query=schemas.MetricsQuery, answer=answers.MetricPage
    )
    def metrics(self, actor: Actor, run_id: str, query: schemas.MetricsQuery) -> dict[str, Any]:
        """List the metrics that the program reported, in order"""
        items, following = self._runs.metrics(actor, run_id, query.cursor)
        return {"items": items, "next": following}


def send_output(runs: Runs, owner: Actor, run_id: str) -> Response:
    """The response to the present request for the output of one of the owner's runs."""
    length = runs.output_length(owner, run_id)
    name = f"run-{run_id[:12]}-output.txt"
    return send(Content(length, lambda start, end: runs.output(run_id, start, end), filename=name))
