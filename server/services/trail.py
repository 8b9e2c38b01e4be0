"""The audit trail, as operators read it: who did what. Every call raises Forbidden for anybody else."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from server.db.models import AuditEntry, User
from server.db.queries import Page, newest_first
from server.db.session import Database
from server.domain.policy import Actor, require_admin
from server.domain.times import rfc3339

_COLUMNS = ("time", "actor_email", "actor_id", "verb", "thing", "detail", "id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would carry out
_PIECE = 1000  # entries


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: by whom (an id or an email), of verbs that begin so, about what, and when. Empty: all."""

    actor: str = ""
    verb: str = ""
    thing: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Trail:
    """Entries are written with what they tell of, by whoever does it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def page(self, actor: Actor, wanted: Filter, *, limit: int, cursor: str | None) -> Page:
        """A page of the entries, newest first, and the cursor of the next page."""
        require_admin(actor)
        with self._db.transaction() as session:
            rows, following = newest_first(session, _select(wanted), AuditEntry, limit, cursor)
            emails = _emails(session, rows)
        return [_describe(row, emails) for row in rows], following

    def csv(self, actor: Actor, wanted: Filter) -> Iterator[str]:
        """The entries as lines of a CSV file, newest first, under their names."""
        require_admin(actor)
        return self._lines(actor, wanted)

    def _lines(self, actor: Actor, wanted: Filter) -> Iterator[str]:
        yield _line(_COLUMNS)
        cursor = None
        while True:
            entries, cursor = self.page(actor, wanted, limit=_PIECE, cursor=cursor)
            for entry in entries:
                detail = json.dumps(entry["detail"], ensure_ascii=False)
                yield _line([{**entry, "detail": detail}[name] or "" for name in _COLUMNS])
            if cursor is None:
                return


def _select(wanted: Filter) -> Select[Any]:
    query = select(AuditEntry)
    if wanted.actor:
        named = select(User.id).where(User.email == wanted.actor.strip().lower())
        query = query.where(or_(AuditEntry.actor_id == wanted.actor, AuditEntry.actor_id.in_(named)))
    if wanted.verb:
        query = query.where(AuditEntry.verb.startswith(wanted.verb, autoescape=True))
    if wanted.thing:
        query = query.where(AuditEntry.thing == wanted.thing)
    if wanted.since:
        query = query.where(AuditEntry.time >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.time < wanted.until)
    return query


def _emails(session: Session, rows: list[Any]) -> dict[str, str]:
    ids = {row.actor_id for row in rows if row.actor_id}
    found = session.execute(select(User.id, User.email).where(User.id.in_(ids))) if ids else ()
    return {row[0]: row[1] for row in found}


def _describe(entry: AuditEntry, emails: dict[str, str]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "time": rfc3339(entry.time),
        "actor_id": entry.actor_id,
        "actor_email": emails.get(entry.actor_id or ""),
        "verb": entry.verb,
        "thing": entry.thing,
        "detail": entry.detail,
    }


def _line(cells: Any) -> str:
    """One line. A cell that a spreadsheet would take for a formula is made a text."""
    file = io.StringIO()
    csv.writer(file).writerow([f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell for cell in cells])
    return file.getvalue()
