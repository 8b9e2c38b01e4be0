"""What came of runs, beside their output and artifacts: notes, code, phases, records, links."""

from dataclasses import asdict
from typing import Any

from server.domain.policy import Actor, Scope
from server.services.history import History
from server.services.records import Records
from server.services.shares import Shares
from server.web import answers, schemas_results
from server.web import answers_results as results
from server.web.limits import By, Rate
from server.web.routing import route


class ResultRoutes:
    def __init__(self, history: History, records: Records, shares: Shares) -> None:
        self._history = history
        self._records = records
        self._shares = shares

    @route(
        "PATCH", "/runs/<run_id>", scope=Scope.RUNS_WRITE, body=schemas_results.RunChange, answer=answers.Run,
        rates=(Rate("240/minute", By.USER),),
    )  # fmt: skip
    def annotate(self, actor: Actor, run_id: str, body: schemas_results.RunChange) -> dict[str, Any]:
        """Tag, star or annotate a run"""
        return self._history.annotate(actor, run_id, body.model_dump(exclude_unset=True))

    @route("GET", "/runs/<run_id>/files", scope=Scope.RUNS_READ, answer=results.RunFiles)
    def files(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """Show the code that a run got"""
        return self._history.files(actor, run_id)

    @route("GET", "/runs/<run_id>/events", scope=Scope.RUNS_READ, answer=results.RunEventPage)
    def events(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """List the states that a run has reached, in order"""
        return {"items": self._history.events(actor, run_id), "next": None}

    @route("GET", "/runs/<run_id>/record", scope=Scope.RUNS_READ, answer=results.RunRecord)
    def record(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """Export a run's full record

        What ran, on what, and what came of it, in one document.
        """
        return self._records.export(actor, run_id)

    @route(
        "POST", "/records", scope=Scope.RUNS_WRITE, body=schemas_results.ImportRequest, answer=results.Imported,
        status=201, rates=(Rate("60/minute", By.USER),),
    )  # fmt: skip
    def take(self, actor: Actor, body: schemas_results.ImportRequest) -> tuple[dict[str, Any], int]:
        """Make a run, or a project, of a record

        Datasets are found by their content. What is not as it was recorded is said in `differences`.
        """
        recorded, run, project = body.record.recorded(), None, None
        if body.into == "run":
            run, differences = self._records.run(actor, recorded)
        else:
            project, differences = self._records.project(actor, recorded, body.name)
        return {"run": run, "project": project, "differences": [asdict(one) for one in differences]}, 201

    @route(
        "POST", "/runs/<run_id>/share", scope=Scope.RUNS_WRITE, answer=results.Share, status=201,
        rates=(Rate("60/minute", By.USER),),
    )  # fmt: skip
    def share(self, actor: Actor, run_id: str) -> tuple[dict[str, Any], int]:
        """Make a link to a run

        Who has an account here, and the link, may see the output, the results and the code. An earlier link is dead.
        """
        token = self._shares.create(actor, run_id)
        return {"token": token, "url": f"/shared/{token}"}, 201

    @route("DELETE", "/runs/<run_id>/share", scope=Scope.RUNS_WRITE, status=204)
    def unshare(self, actor: Actor, run_id: str) -> tuple[str, int]:
        """Revoke the link to a run"""
        self._shares.revoke(actor, run_id)
        return "", 204
