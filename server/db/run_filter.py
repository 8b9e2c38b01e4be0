"""Which of a tenant's runs a list holds."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, Text, cast, or_

from server.db.models import Run
from server.domain.run import Reason, State


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What is given must be so of a run. `text` is looked for in its entry point, its id and its note, and like `tag`
    without regard to case."""

    state: State | None = None
    reason: Reason | None = None
    project: str | None = None
    tag: str | None = None
    starred: bool | None = None
    text: str | None = None
    since: datetime | None = None

    def apply(self, query: Select[Run]) -> Select[Run]:
        """`query` for those alone."""
        for column, wanted in ((Run.state, self.state), (Run.reason, self.reason), (Run.project_id, self.project)):
            query = query.where(column == wanted) if wanted else query
        if self.since:
            query = query.where(Run.created_at >= self.since)
        if self.starred is not None:
            query = query.where(Run.starred.is_(True) if self.starred else Run.starred.is_not(True))
        if self.tag:  # as JSON writes it: quoted, so that no part of another tag is found
            query = query.where(cast(Run.tags, Text).icontains(json.dumps(self.tag), autoescape=True))
        if self.text:
            columns = (Run.entrypoint, Run.id, Run.note)
            query = query.where(or_(*(column.icontains(self.text, autoescape=True) for column in columns)))
        return query
