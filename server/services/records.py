"""Records of runs: taken out as one document, and made into a run or a project again."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from server.db.models import Run
from server.db.session import Database
from server.domain.errors import EngineError, FieldError, Invalid
from server.domain.policy import Actor, Scope, require_scope
from server.domain.ports import Engine
from server.domain.record import (
    FORMAT,
    VERSION,
    Difference,
    image_difference,
    last_values,
    reported_seeds,
)
from server.domain.reports import Metric
from server.domain.run import DatasetMount, RunSpec
from server.domain.times import rfc3339
from server.services.datasets import Datasets
from server.services.describe import describe_artifact
from server.services.projects import Projects
from server.services.runs import Runs, own_run
from server.turns import give_way

_RESULT = (
    "state", "reason", "exit_code", "message", "created_at", "started_at", "finished_at", "host", "warm", "usage",
    "output",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """What of a record matters for doing it again. `datasets` in `spec` have the ids of where it was recorded."""

    spec: RunSpec
    digests: tuple[str | None, ...]  # the SHA-256 of each dataset, in order
    image_digest: str | None


class Records:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        engine: Engine,
        runs: Runs,
        projects: Projects,
        datasets: Datasets,
    ) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self._runs = runs
        self._projects = projects
        self._datasets = datasets

    def export(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """The record. Of secrets it holds the names alone."""
        run = self._runs.get(actor, run_id)
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            files = session.scalars(select(Run.files).where(Run.id == run_id)).one()
            known = self._datasets.digests(session, actor, [mount["id"] for mount in run["datasets"]])
        last = last_values(self._metrics(actor, run_id))
        copied = ("entrypoint", "args", "env", "secrets", "limits", "network")
        return {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": rfc3339(self._clock()),
            "id": run_id,
            "request": {
                "files": files,
                **{name: run[name] for name in copied},
                "datasets": [{**mount, "sha256": known.get(mount["id"])} for mount in run["datasets"]],
            },
            "image": run["image"],
            "seeds": reported_seeds(run["args"], run["env"], last),
            "result": {name: run[name] for name in _RESULT},
            "metrics": [asdict(metric) for metric in last.values()],
            "artifacts": [describe_artifact(artifact) for artifact in self._runs.all_artifacts(actor, run_id)],
        }

    def run(self, actor: Actor, recorded: Recorded) -> tuple[dict[str, Any], list[Difference]]:
        """Queues a run like the one recorded, and says in what it differs.

        Raises what submitting it raises, and Invalid for data that the actor does not have.
        """
        found = self._mounts(actor, recorded)
        missing = tuple(
            FieldError(f"record.request.datasets.{number}.sha256", "you have no dataset of this content: upload it")
            for number, mount in enumerate(found)
            if mount is None
        )
        if missing:
            raise Invalid(fields=missing)
        spec = replace(recorded.spec, datasets=tuple(mount for mount in found if mount))
        run = self._runs.submit(actor, spec)
        return run, self._image_difference(recorded)

    def project(self, actor: Actor, recorded: Recorded, name: str) -> tuple[dict[str, Any], list[Difference]]:
        """Makes a project of the recorded code, and says what a run of it would lack, or use, that was otherwise."""
        require_scope(actor, Scope.PROJECTS_WRITE)
        spec = recorded.spec
        project = self._projects.create(actor, name, spec.entrypoint or "main.py", spec.files)
        missing = [
            Difference(f"request.datasets.{number}.sha256", f"you have no dataset of the content of {wanted.name}")
            for number, (wanted, mount) in enumerate(zip(spec.datasets, self._mounts(actor, recorded), strict=True))
            if mount is None
        ]
        return project, missing + self._image_difference(recorded)

    def _metrics(self, actor: Actor, run_id: str) -> Iterator[Metric]:
        cursor: str | None = "0"
        while cursor is not None:
            give_way()  # each page takes its time
            items, cursor = self._runs.metrics(actor, run_id, cursor)
            yield from (Metric(**item) for item in items)

    def _mounts(self, actor: Actor, recorded: Recorded) -> list[DatasetMount | None]:
        """For each recorded dataset one of the actor's of the same content, under the same name."""
        wanted = [digest for digest in recorded.digests if digest]
        with self._db.transaction() as session:
            ids = self._datasets.by_digest(session, actor, wanted)
        return [
            DatasetMount(ids[digest], mount.name) if digest in ids else None
            for mount, digest in zip(recorded.spec.datasets, recorded.digests, strict=True)
        ]

    def _image_difference(self, recorded: Recorded) -> list[Difference]:
        try:
            present = self._engine.resolve(recorded.spec.image).digest
        except EngineError:
            present = None
        return image_difference(recorded.image_digest, present)
