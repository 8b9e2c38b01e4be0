"""What operators tell everybody, and the switch that keeps runs from starting."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from server.db.models import Notice
from server.db.queries import audit
from server.db.session import Database
from server.domain.policy import Actor, require_admin
from server.domain.ports import Dispatcher
from server.domain.times import rfc3339

_ONE = "platform"


class Notices:
    """While runs are not to start, those submitted wait in the queue; what is under way goes on to its end."""

    def __init__(self, db: Database, clock: Callable[[], datetime], dispatcher: Dispatcher) -> None:
        self._db = db
        self._clock = clock
        self._dispatcher = dispatcher

    def get(self) -> dict[str, Any]:
        """For everybody who has signed in."""
        with self._db.transaction() as session:
            return _describe(session.get(Notice, _ONE))

    def change(self, actor: Actor, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Sets `text` or `draining`. Raises Forbidden unless `actor` is an operator."""
        require_admin(actor)
        try:
            described = self._changed(actor, changes)
        except IntegrityError:  # somebody else's first one, at the same moment
            described = self._changed(actor, changes)
        self._dispatcher.wake()  # what waited may start now
        return described

    def _changed(self, actor: Actor, changes: Mapping[str, Any]) -> dict[str, Any]:
        now = self._clock()
        with self._db.transaction() as session:
            notice = session.get(Notice, _ONE, with_for_update=True)
            if notice is None:
                notice = Notice(id=_ONE, text="", draining=False)
                session.add(notice)
            notice.text = changes.get("text", notice.text)
            notice.draining = changes.get("draining", notice.draining)
            notice.updated_at = now
            audit(session, now, actor.id, "notice.change", _ONE, **changes, **actor.via)
            return _describe(notice)


def _describe(notice: Notice | None) -> dict[str, Any]:
    if notice is None:
        return {"text": "", "draining": False, "updated_at": None}
    return {"text": notice.text, "draining": notice.draining, "updated_at": rfc3339(notice.updated_at)}
