"""Runs as their owners see them: submit, look, cancel, read what came of it. Executing them is the workers' part."""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from server import telemetry
from server.db import moves
from server.db.models import Artifact, Base, Run
from server.db.queries import (
    Page,
    audit,
    count_live,
    count_run,
    is_draining,
    lock_user,
    newest_first,
    queue_places,
    storage_bytes,
)
from server.db.run_filter import RunFilter
from server.db.session import Database
from server.domain.egress import check_network
from server.domain.errors import Conflict, Invalid, NotFound, TooMany
from server.domain.ids import make_id
from server.domain.image import check_allowed
from server.domain.policy import Actor, Scope, require_admin, require_owner, require_scope
from server.domain.ports import ArtifactStore, Dispatcher, Events, LogStore
from server.domain.quota import Quota, check_day, choose_limits
from server.domain.reports import Metric, parse_report
from server.domain.run import TERMINAL, RunSpec, State
from server.domain.trace import Trace
from server.domain.wait import Place, next_start_s
from server.services.datasets import Datasets
from server.services.describe import describe_artifact, describe_run
from server.services.projects import Projects
from server.services.secrets import Secrets
from server.settings import Settings
from server.turns import beside_the_loop

_PIECE = 1 << 16
_EVENTS_PAGE = 1 << 20
_RETRY_S = 30
_LONGEST_RETRY_S = 3600
_PLACES_S = 0.5  # everybody who waits asks about once a second; the queue is ordered once for all of them
_WITHOUT_FILES = defer(Run.files, raiseload=True)  # they may be large, and no answer holds them

# On the way of every run, so they are made once, and in Core: the ORM's part would be most of their time.
Described = Row[Any]  # of a run, all but its files
_RUNS = Base.metadata.tables["runs"]
_COLUMNS = [column for column in _RUNS.c if column.name != "files"]
_ONE = select(*_COLUMNS).where(_RUNS.c.id == bindparam("run_id"))
_EARLIER = select(*_COLUMNS).where(_RUNS.c.user_id == bindparam("user_id"), _RUNS.c.idempotency_key == bindparam("key"))
_INSERT = insert(_RUNS).returning(*_COLUMNS)
_INSERT_EVENT = insert(Base.metadata.tables["run_events"])
_INSERT_DATASET = insert(Base.metadata.tables["run_datasets"])


class Runs:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        clock: Callable[[], datetime],
        dispatcher: Dispatcher,
        logs: LogStore,
        artifacts: ArtifactStore,
        events: Events,
        projects: Projects,
        datasets: Datasets,
        secrets: Secrets,
        gpus: Callable[[], int] = lambda: 0,
    ) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._dispatcher = dispatcher
        self._logs = logs
        self._artifacts = artifacts
        self._events = events
        self._projects = projects
        self._datasets = datasets
        self._secrets = secrets
        self._gpus = gpus
        self._places: dict[str, Place] = {}
        self._places_until = 0.0

    def submit(
        self, actor: Actor, request: RunSpec, *, idempotency_key: str | None = None, interactive: bool = False
    ) -> dict[str, Any]:
        """Queues a run; with a key that was used before, the run made then. `interactive` keeps its stdin open.

        Raises Invalid, TooMany (quota), Forbidden (an API key's scopes), or Conflict when the key came with another
        request.
        """
        _require_scopes(actor, request)
        now = self._clock()
        trace, digest = Trace(now, now), _fingerprint(request)
        host_gpus = self._gpus() if request.limits.get("gpus") else 0
        try:
            with self._db.transaction() as session:
                quota = lock_user(session, actor, self._settings.quota)
                run, place = _earlier(session, actor, idempotency_key, digest), None
                if run is None:
                    run, place = self._insert(
                        session, quota, actor, request, trace, host_gpus,
                        {"request_sha256": digest, "idempotency_key": idempotency_key, "interactive": interactive},
                    )  # fmt: skip
        except IntegrityError:  # the same key, at the same moment, in another process
            with self._db.transaction() as session:
                run, place = _earlier(session, actor, idempotency_key, digest), None
            if run is None:
                raise
        self._places_until = 0.0
        self._dispatcher.wake()
        return describe_run(run, place) if place else self.describe(run)

    def get(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """The contract's Run."""
        with self._db.transaction() as session:
            run = own_run(session, actor, run_id)
        return self.describe(run)

    def describe(self, run: Described) -> dict[str, Any]:
        """The contract's Run for a row, with what changes while it waits or runs."""
        place = self._place(run.id) if run.state == State.QUEUED else None
        return describe_run(run, place, self._reached(run))

    def page(self, actor: Actor, wanted: RunFilter, *, limit: int, cursor: str | None) -> Page:
        """A page of those of the actor's runs that are wanted, newest first, and the cursor of the next page."""
        query = wanted.apply(select(Run).options(_WITHOUT_FILES).where(Run.user_id == actor.id))
        with self._db.transaction() as session:
            rows, following = newest_first(session, query, Run, limit, cursor)
            waiting = any(run.state == State.QUEUED for run in rows)
            queue = self._queue(session) if waiting else {}
        return [describe_run(run, queue.get(run.id), self._reached(run)) for run in rows], following

    def cancel(self, actor: Actor, run_id: str) -> dict[str, Any]:
        """Asks for the run's end. Raises Conflict when it has ended."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            state = moves.request_cancel(session, run_id, self._clock())
            audit(session, self._clock(), actor.id, "run.cancel", run_id, **actor.via)
        self._tell_of_cancel(run_id, state)
        return self.get(actor, run_id)

    def cancel_anybodys(self, actor: Actor, run_id: str) -> None:
        """An operator asks for the end of whosever run. Raises Forbidden, NotFound, or Conflict when it has ended."""
        require_admin(actor)
        with self._db.transaction() as session:
            run = _find(session, run_id)
            state = moves.request_cancel(session, run_id, self._clock())
            audit(session, self._clock(), actor.id, "queue.cancel", run_id, owner=run.user_id, **actor.via)
        self._tell_of_cancel(run_id, state)

    def delete(self, actor: Actor, run_id: str) -> None:
        """Removes an ended run with its output and artifacts. Raises Conflict while it lives."""
        with self._db.transaction() as session:
            run = own_run(session, actor, run_id)
            if run.state not in TERMINAL:
                raise Conflict("The run has not ended; cancel it first.")
        self._logs.delete(run_id)
        beside_the_loop(self._artifacts.delete, run_id)
        with self._db.transaction() as session:  # last: what a crash leaves is still its owner's to delete
            session.execute(delete(Run).where(Run.id == run_id))
            audit(session, self._clock(), actor.id, "run.delete", run_id, **actor.via)

    def output_length(self, actor: Actor, run_id: str) -> int:
        """How many bytes of output there are now."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
        return self._logs.position(run_id).offset

    def output(self, run_id: str, start: int, end: int) -> Iterator[bytes]:
        """Bytes [start, end) of both streams in order of arrival; `output_length` checks whose they are."""
        while start < end and (piece := self._logs.read(run_id, start, min(_PIECE, end - start))):
            yield piece.data
            start = piece.end

    def metrics(self, actor: Actor, run_id: str, cursor: str | None) -> Page:
        """Some of what the program reported, in order, and the cursor of what follows."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
        events, end = self._logs.read_events(run_id, int(cursor or 0), _EVENTS_PAGE)
        items = [asdict(metric) for event in events if isinstance(metric := parse_report(event.data), Metric)]
        more = bool(events) and end < self._logs.position(run_id).events
        return items, str(end) if more else None

    def artifacts(self, actor: Actor, run_id: str, *, limit: int, cursor: str | None) -> Page:
        """A page of what the run left, by path, and the cursor of the next page."""
        query = select(Artifact).where(Artifact.run_id == run_id)
        if cursor is not None:
            after = select(Artifact.path).where(Artifact.id == cursor, Artifact.run_id == run_id).scalar_subquery()
            query = query.where(Artifact.path > after)
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            rows = list(session.scalars(query.order_by(Artifact.path).limit(limit + 1)))
        following = rows[limit - 1].id if len(rows) > limit else None
        return [describe_artifact(row) for row in rows[:limit]], following

    def all_artifacts(self, actor: Actor, run_id: str, paths: Collection[str] = ()) -> list[Artifact]:
        """Everything the run left, by path, or what of it has one of `paths`. Raises Invalid for a path it has not."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            query = select(Artifact).where(Artifact.run_id == run_id).order_by(Artifact.path)
            artifacts = list(session.scalars(query))
        if absent := set(paths) - {artifact.path for artifact in artifacts}:
            raise Invalid.of("path", f"{min(absent)[:80]!r} is not among the run's artifacts")
        return [artifact for artifact in artifacts if not paths or artifact.path in paths]

    def artifact(self, actor: Actor, run_id: str, path: str) -> Artifact:
        """One of the things the run left. Raises NotFound."""
        with self._db.transaction() as session:
            own_run(session, actor, run_id)
            query = select(Artifact).where(Artifact.run_id == run_id, Artifact.path == path)
            found = session.scalars(query).one_or_none() if "\0" not in path else None
        if found is None:
            raise NotFound
        return found

    def content(self, artifact: Artifact, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes [start, end) of an artifact. Raises NotFound when it was deleted since."""
        return self._artifacts.open(artifact.store_key, start, end)

    def content_later(self, artifact: Artifact) -> Iterator[bytes]:
        """An artifact's bytes, opened when the first is asked for."""
        yield from self.content(artifact)

    def _tell_of_cancel(self, run_id: str, state: State) -> None:
        self._places_until = 0.0
        if state in TERMINAL:
            telemetry.RUNS_ENDED.labels(state, "").inc()
        else:
            self._dispatcher.cancel(run_id)
        self._events.publish(run_id)

    def _place(self, run_id: str) -> Place | None:
        """When a queued run's turn comes, as of up to half a second ago."""
        if time.monotonic() >= self._places_until:
            with self._db.transaction() as session:
                self._places = self._queue(session)
            self._places_until = time.monotonic() + _PLACES_S
        return self._places.get(run_id)

    def _queue(self, session: Session) -> dict[str, Place]:
        return queue_places(session, self._settings.quota, self._settings.run_slots, self._clock())

    def _reached(self, run: Described | Run) -> int | None:
        """How many bytes of output there are of a run that is under way."""
        is_live = run.state != State.QUEUED and run.state not in TERMINAL
        return self._logs.position(run.id).offset if is_live else None

    def _insert(
        self, session: Session, quota: Quota, actor: Actor, request: RunSpec, trace: Trace, host_gpus: int,
        facts: dict[str, Any],
    ) -> tuple[Described, Place | None]:  # fmt: skip
        """The new run, and its place in the queue where no look is needed to tell it."""
        now = trace.created
        limits = choose_limits(request.limits, quota, host_gpus)
        check_allowed(request.image, quota.images)
        check_network(request.network, quota.egress, is_offered=self._settings.egress == "on")
        place = self._check_room(session, actor, quota)
        files, entrypoint = self._program(session, actor, request)
        self._datasets.check_owned(session, actor, [mount.id for mount in request.datasets])
        self._secrets.check_owned(session, actor, request.secrets)
        values = facts | {
            "id": make_id(int(now.timestamp() * 1000)), "user_id": actor.id, "project_id": request.project,
            "files": files, "entrypoint": entrypoint, "args": list(request.args), "env": dict(request.env),
            "datasets": [asdict(mount) for mount in request.datasets], "secrets": list(request.secrets),
            "limits": asdict(limits), "network": request.network, "image_alias": request.image,
            "output_limit_bytes": quota.output_mb << 20, "state": State.QUEUED, "created_at": now, "trace": trace.spans,
        }  # fmt: skip
        trace.since_last("submit")
        run = session.execute(_INSERT, values).one()
        session.execute(_INSERT_EVENT, {"run_id": run.id, "time": now, "state": State.QUEUED, "attempt": 0})
        if used := sorted({mount.id for mount in request.datasets}):
            session.execute(_INSERT_DATASET, [{"run_id": run.id, "dataset_id": dataset_id} for dataset_id in used])
        audit(session, now, actor.id, "run.submit", run.id, **actor.via)
        return run, place

    def _check_room(self, session: Session, actor: Actor, quota: Quota) -> Place | None:
        """Raises TooMany when the actor's quota is used up, and counts one run more. The place of one that need not
        wait: it is alone in the queue, and there is a free slot."""
        live = count_live(session, actor.id)
        if live.own_queued >= quota.queued_runs:
            retry_s = min(_LONGEST_RETRY_S, next_start_s(self._queue(session).values(), actor.id, _RETRY_S))
            raise TooMany(f"{quota.queued_runs} runs of yours are queued, which is your quota.", retry_after_s=retry_s)
        if storage_bytes(session, actor.id) >= quota.storage_mb << 20:
            raise TooMany(
                f"Your storage quota of {quota.storage_mb} MB is used up; delete runs or datasets.",
                retry_after_s=_RETRY_S,
            )
        now = self._clock()
        check_day(count_run(session, actor.id, now), quota, now)
        at_once = live.running < self._settings.run_slots and live.own_running < quota.parallel_runs
        return Place(1, 0, actor.id) if at_once and not live.queued and not is_draining(session) else None

    def _program(self, session: Session, actor: Actor, request: RunSpec) -> tuple[dict[str, Any], str]:
        """The files and the entry point, the project's where the request has none."""
        project = self._projects.own(session, actor, request.project) if request.project else None
        files = dict(request.files) or (project.files if project else {})
        entrypoint = request.entrypoint or (project.entrypoint if project else "main.py")
        if entrypoint not in files:
            raise Invalid.of("entrypoint", f"{entrypoint!r} is not among the files")
        return files, entrypoint


def _find(session: Session, run_id: str) -> Described:
    run = session.execute(_ONE, {"run_id": run_id}).one_or_none() if "\0" not in run_id else None
    if run is None:
        raise NotFound
    return run


def own_run(session: Session, actor: Actor, run_id: str) -> Described:
    """The actor's run, all but its files. Raises NotFound."""
    run = _find(session, run_id)
    require_owner(actor, run.user_id)
    return run


def _require_scopes(actor: Actor, request: RunSpec) -> None:
    """A program can show what it is given: who submits it must be allowed to read that."""
    if request.project:
        require_scope(actor, Scope.PROJECTS_READ)
    if request.datasets:
        require_scope(actor, Scope.DATASETS_READ)
    if request.secrets:
        require_scope(actor, Scope.SECRETS_READ)


def _fingerprint(request: RunSpec) -> str:
    """Of what was asked; of secrets that is their names. Without any it is what it was before there were secrets."""
    asked = asdict(request)
    if not request.secrets:
        del asked["secrets"]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _earlier(session: Session, actor: Actor, key: str | None, digest: str) -> Described | None:
    """The run that was made with this key. Raises Conflict when it was made of another request."""
    if key is None:
        return None
    run = session.execute(_EARLIER, {"user_id": actor.id, "key": key}).one_or_none()
    if run is not None and run.request_sha256 != digest:
        raise Conflict("The Idempotency-Key was used for another request.")
    return run
