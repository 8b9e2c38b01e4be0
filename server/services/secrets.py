"""Secrets: written by their owner, given to his programs, and read by nobody else."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.db.models import Run, RunSecrets, Secret
from server.db.queries import audit, lock_user
from server.db.session import Database
from server.domain.errors import Conflict, NotFound, SecretLost
from server.domain.policy import Actor, require_all
from server.domain.times import rfc3339
from server.services.seal import Seal
from server.settings import Settings

MAX_KEPT = 100  # of one account


def describe_secret(secret: Secret) -> dict[str, Any]:
    return {"name": secret.name, "updated_at": rfc3339(secret.updated_at)}


class Secrets:
    """No call answers a value but those of the workers, `give` and `given`."""

    def __init__(self, db: Database, settings: Settings, clock: Callable[[], datetime], key: str) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._seal = Seal(key)

    def put(self, actor: Actor, name: str, value: str) -> dict[str, Any]:
        """Sets a secret, in place of one of that name. Raises Conflict when there are too many."""
        now, sealed = self._clock(), self._seal.close(value, _owned(actor.id, name))
        with self._db.transaction() as session:
            lock_user(session, actor, self._settings.quota)
            secret = session.get(Secret, (actor.id, name))
            if secret is None:
                _require_room(session, actor)
                secret = Secret(user_id=actor.id, name=name)
                session.add(secret)
            secret.sealed, secret.updated_at = sealed, now
            audit(session, now, actor.id, "secret.set", name, **actor.via)
        return describe_secret(secret)

    def all(self, actor: Actor) -> list[dict[str, Any]]:
        """The names of the actor's secrets, in order, and when each was set."""
        with self._db.transaction() as session:
            rows = session.scalars(select(Secret).where(Secret.user_id == actor.id).order_by(Secret.name)).all()
        return [describe_secret(row) for row in rows]

    def delete(self, actor: Actor, name: str) -> None:
        """Programs that were given it keep it."""
        with self._db.transaction() as session:
            secret = session.get(Secret, (actor.id, name)) if "\0" not in name else None
            if secret is None:
                raise NotFound
            session.delete(secret)
            audit(session, self._clock(), actor.id, "secret.delete", name, **actor.via)

    def check_owned(self, session: Session, actor: Actor, names: Sequence[str]) -> None:
        """Raises Invalid, naming each entry of a request's `secrets` that is not the actor's."""
        query = select(Secret.name).where(Secret.user_id == actor.id, Secret.name.in_(names))
        require_all("secrets.{}", "secret", names, session.scalars(query) if names else ())

    def give(self, session: Session, run_id: str, names: Sequence[str]) -> Mapping[str, str]:
        """The values as they are now, for a program that is about to begin. Raises SecretLost."""
        owner = session.scalars(select(Run.user_id).where(Run.id == run_id)).one()
        values = {name: self._value(session, owner, name) for name in names}
        session.add(RunSecrets(run_id=run_id, sealed=self._seal.close(json.dumps(values), run_id)))
        return values

    def given(self, session: Session, run_id: str) -> Mapping[str, str]:
        """The values that the program was given, whatever became of them since. Raises SecretLost."""
        row = session.get(RunSecrets, run_id)
        text = self._seal.open(row.sealed, run_id) if row else None
        if text is None:
            raise SecretLost("What the run was given as secrets can't be read any more.")
        values: dict[str, str] = json.loads(text)
        return values

    def forget(self, session: Session, run_id: str) -> None:
        """The run has ended."""
        session.execute(delete(RunSecrets).where(RunSecrets.run_id == run_id))

    def _value(self, session: Session, owner: str, name: str) -> str:
        secret = session.get(Secret, (owner, name))
        value = self._seal.open(secret.sealed, _owned(owner, name)) if secret else None
        if value is None:
            raise SecretLost(f"The secret {name} is not there any more: set it again.")
        return value


def _owned(user_id: str, name: str) -> str:
    return f"{user_id} {name}"


def _require_room(session: Session, actor: Actor) -> None:
    count = session.scalars(select(func.count()).select_from(Secret).where(Secret.user_id == actor.id)).one()
    if count >= MAX_KEPT:
        raise Conflict(f"You have {MAX_KEPT} secrets; delete one first.")
