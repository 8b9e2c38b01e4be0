"""What is kept of a run beside its outcome: its code, its phases, and what its owner says of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from server.db.models import Run, RunEvent
from server.db.queries import audit
from server.db.session import Database
from server.domain.policy import Actor
from server.services.describe import describe_event
from server.services.runs import Runs, own_run


class History:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(self, db: Database, clock: Callable[[], datetime], runs: Runs) -> None:
        self._db = db
        self._clock = clock
        self._runs = runs

    def annotate(self, actor: Actor, run_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Sets `tags`, `note` or `starred`, and answers the run."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            if changes:
                session.execute(update(Run).where(Run.id == run_id).values(**changes))
            audit(session, self._clock(), actor.id, "run.update", run_id, fields=sorted(changes), **actor.via)
        return self._runs.get(actor, run_id)

    def files(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """The code as the run got it."""
        with self._db.transaction() as session:
            run = own_run(session, actor, run_id)
            files = session.scalars(select(Run.files).where(Run.id == run_id)).one()
        return {"entrypoint": run.entrypoint, "files": files}

    def events(self, actor: Actor, run_id: str) -> list[dict[str, Any]]:
        """The run's states in the order in which it reached them."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            rows = session.scalars(select(RunEvent).where(RunEvent.run_id == run_id).order_by(RunEvent.id)).all()
        return [describe_event(row) for row in rows]
