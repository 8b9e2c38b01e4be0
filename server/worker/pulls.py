"""What an operator asked for, step by step: resolve, examine, wait for the hosts, wait for their pools, switch.

Each step is a guarded move of the pull's row, so it does no harm when two hosts take the same one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import gevent

from server.db import image_moves
from server.db.image_models import HostImage, ImagePull
from server.db.session import Database
from server.domain.errors import BytemeError, Outdated, PullFailed
from server.domain.image import (
    DEFAULT_ALIAS,
    Alias,
    HostState,
    Manifest,
    Policy,
    PullState,
    Reference,
    Why,
    judge,
    parse_reference,
    pause_s,
)
from server.domain.ports import Engine, Registry

log = logging.getLogger(__name__)

ATTEMPTS = 3  # at a registry that does not answer
GRACE = timedelta(seconds=120)  # beyond its deadline, for the smoke run
WARM = timedelta(seconds=130)  # somewhat more than hosts take at most


@dataclass(frozen=True, slots=True)
class PullDriver:
    """Drives pulls, one step a call. `engine` is told of switches."""

    db: Database
    clock: Callable[[], datetime]
    registry: Registry
    engine: Engine

    def drive(self, pull_id: str) -> bool:
        """The next step of a pull, if there is one to take now; says whether it got further."""
        with self.db.transaction() as session:
            pull = session.get(ImagePull, pull_id)
        if pull is None:
            return False
        step = {
            PullState.RESOLVING: self._resolve,
            PullState.PULLING: self._await_hosts,
            PullState.WARMING: self._await_pools,
        }.get(PullState(pull.state))
        if step is None:
            return False
        try:
            step(pull)
        except PullFailed as error:
            self._fail(pull, Why(error.why), error.message)
        except Outdated as error:
            self._fail(pull, Why.SUPERSEDED, error.message)
        except BytemeError as error:
            if error.code == "unavailable":
                raise
            self._fail(pull, Why.ERROR, error.message)
        except Exception:
            log.exception("a pull met what nobody foresaw", extra={"pull": pull.id})
            self._fail(pull, Why.ERROR, "The server met a fault of its own; its log says which.")
        with self.db.transaction() as session:
            return session.get_one(ImagePull, pull_id).state != pull.state

    def _resolve(self, pull: ImagePull) -> None:
        policy = Policy(**pull.policy | {"fail_on": tuple(pull.policy["fail_on"])})
        with gevent.Timeout(pull.deadline_s, PullFailed(Why.UNREACHABLE, "The registry takes too long to answer.")):
            manifest = self._resolved(parse_reference(pull.ref))
            found = self.registry.examine(manifest, policy)
        known = {"digest": manifest.digest, "bytes": manifest.bytes, "checks": list(found.told)}
        with self.db.transaction() as session:
            if pull.dry_run:
                message = self._plan(image_moves.live_hosts(session, self.clock()), manifest, session)
                image_moves.move_pull(session, pull, PullState.PLANNED, self.clock(), message=message, **known)
            elif image_moves.move_pull(session, pull, PullState.PULLING, self.clock(), **known):
                image_moves.want(session, manifest, found, pull, self.clock())

    def _resolved(self, reference: Reference) -> Manifest:
        """Asks a registry that does not answer again."""
        for attempt in range(1, ATTEMPTS):
            try:
                return self.registry.resolve(reference)
            except PullFailed as error:
                if error.why != Why.UNREACHABLE:
                    raise
                log.warning("a registry does not answer: %s", error.message)
                gevent.sleep(pause_s(attempt) / 2)
        return self.registry.resolve(reference)

    def _plan(self, live: list[str], manifest: Manifest, session: Any) -> str:
        rows = image_moves.on_hosts(session, manifest.digest)
        have = {row.host for row in rows if row.state == HostState.READY}
        lack = [host for host in live if host not in have]
        size = manifest.bytes / (1 << 20)
        return f"{size:.1f} MiB to pull on {', '.join(lack)}." if lack else "Every host has it."

    def _await_hosts(self, pull: ImagePull) -> None:
        is_late = self.clock() >= pull.created_at + timedelta(seconds=pull.deadline_s) + GRACE
        with self.db.transaction() as session:
            rows = image_moves.on_hosts(session, str(pull.digest))
            live = image_moves.live_hosts(session, self.clock())
            verdict = judge(image_moves.as_seen(rows), live, pull.quorum, is_late=is_late)
            if verdict.failed:
                self._move(session, pull, PullState.FAILED, why=verdict.failed, message=verdict.message)
            elif verdict.reached and not pull.activate:
                self._move(session, pull, PullState.READY, message=verdict.message)
            elif verdict.reached:
                alias = image_moves.alias_of(session, pull.alias)
                version = alias.version if alias else 0
                self._move(session, pull, PullState.WARMING, alias_version=version, message=verdict.message)

    def _await_pools(self, pull: ImagePull) -> None:
        """The switch, once the ready hosts' pools are full, or it has lasted too long."""
        now = self.clock()
        with self.db.transaction() as session:
            live = set(image_moves.live_hosts(session, now))
            rows = [row for row in image_moves.on_hosts(session, str(pull.digest)) if row.host in live]
        cold = [row for row in rows if _is_cold(row, pull)]
        if pull.alias == DEFAULT_ALIAS and cold and now < pull.changed_at + WARM:
            return
        self._switch(pull)
        self.engine.refresh()
        log.info("an image is active", extra={"alias": pull.alias, "digest": pull.digest})

    def _switch(self, pull: ImagePull) -> None:
        with self.db.transaction() as session:
            before = image_moves.alias_of(session, pull.alias)
            if (before.version if before else 0) != pull.alias_version:
                raise Outdated(f"Somebody else has switched {pull.alias} meanwhile.")
            digest = str(pull.digest)
            after = before.switched(digest) if before else Alias(pull.alias, digest)
            message = pull.message or ("It was active already." if after == before else "")
            if (
                image_moves.move_pull(session, pull, PullState.ACTIVE, self.clock(), message=message)
                and after != before
            ):
                image_moves.switch(session, before, after, self.clock(), pull.actor_id)

    def _move(self, session: Any, pull: ImagePull, to: PullState, **values: Any) -> None:
        image_moves.move_pull(session, pull, to, self.clock(), **values)

    def _fail(self, pull: ImagePull, why: Why, message: str) -> None:
        log.warning("an image was not pulled: %s", message, extra={"pull": pull.id, "why": why})
        with self.db.transaction() as session:
            self._move(session, pull, PullState.FAILED, why=why, message=message)


def _is_cold(row: HostImage, pull: ImagePull) -> bool:
    """Is it ready on a host whose pool has not been filled since this pull came so far."""
    return row.state == HostState.READY and (row.warmed_at is None or row.warmed_at < pull.changed_at)
