"""Links by which a run's owner shows it to the others of this installation."""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from server.db.models import Run, User
from server.db.queries import audit
from server.db.session import Database
from server.domain.errors import NotFound
from server.domain.policy import Actor, Role
from server.services.runs import own_run

_TOKEN_BYTES = 32
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")


class Shares:
    """A run has one link at most: 256 random bits, shown once, of which the SHA-256 is kept."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def create(self, actor: Actor, run_id: str) -> str:
        """The token of a new link to the run; one that it had is dead from now on."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            session.execute(update(Run).where(Run.id == run_id).values(share_sha256=_digest(token), shared_at=now))
            audit(session, now, actor.id, "run.share", run_id, **actor.via)
        return token

    def revoke(self, actor: Actor, run_id: str) -> None:
        """The run's link, if there is one, opens nothing from now on."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            session.execute(update(Run).where(Run.id == run_id).values(share_sha256=None, shared_at=None))
            audit(session, self._clock(), actor.id, "run.unshare", run_id, **actor.via)

    def open(self, token: str) -> tuple[Actor, str]:
        """The owner, as whom the run is read, and the run's id. Raises NotFound; so do links of a disabled account."""
        if not _FORM.fullmatch(token):
            raise NotFound
        with self._db.transaction() as session:
            shared = select(Run.user_id, Run.id).join(User, User.id == Run.user_id)
            live = (Run.share_sha256 == _digest(token), User.disabled_at.is_(None))
            row = session.execute(shared.where(*live)).one_or_none()
        if row is None:
            raise NotFound
        return Actor(row.user_id, "", Role.USER, ""), row.id


def _digest(token: str) -> str:
    """A plain hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
