"""Each host's agent: it brings the images of its engine to what the database wants, again and again.

Whatever may last (a registry, the engine, a smoke run) happens in a greenlet of its own with a deadline; what happens
in `look` itself is the database's. Nothing here is on a run's way.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from sqlalchemy import select

from server.db import image_moves
from server.db.image_models import HostImage, RegistryImage
from server.db.session import Database
from server.domain.errors import BytemeError, EngineError, PullFailed, Unavailable
from server.domain.image import (
    DEFAULT_ALIAS,
    HOPELESS,
    HostState,
    Manifest,
    PullState,
    Why,
    check_disk,
    pause_s,
)
from server.domain.ports import Engine, Image, ImageStore, LocalImage
from server.settings import Settings
from server.worker.pulls import PullDriver
from server.worker.smoke import Smoke

log = logging.getLogger(__name__)

LOOK_S = 2.0
BEAT_S = 15.0
CLOSE_S = 20.0  # the longest that what is broken off may take to clear away
TOLD_S = 0.5  # between two writes of how far a pull is
VERIFY_EVERY = timedelta(minutes=10)
LONG_RETRY = timedelta(minutes=10)  # of what will hardly change by itself
WARM_S = 120.0  # the longest that a switch waits for sandboxes on the new image
_GIVEN_UP = frozenset({Why.POLICY, Why.DIGEST, Why.SMOKE})  # until an operator asks again


@dataclass(frozen=True, slots=True)
class ImageTools:
    """What an agent needs; `engine` is the one with the pool."""

    settings: Settings
    db: Database
    clock: Callable[[], datetime]
    engine: Engine
    store: ImageStore
    smoke: Smoke
    host: str


class ImageAgent:
    """One a host."""

    def __init__(self, tools: ImageTools, driver: PullDriver) -> None:
        self.x, self._driver = tools, driver
        self._bell = Event()
        self._tasks: dict[tuple[str, str], gevent.Greenlet] = {}
        self._at_once = BoundedSemaphore(tools.settings.image_pulls)
        self._beaten = -BEAT_S
        self._greenlet: gevent.Greenlet | None = None

    def start(self) -> None:
        """Looks for ever, in a greenlet."""
        if self._greenlet is None:
            settings = self.x.settings
            where = {"registry": settings.registry, "ecr_registry_host": settings.ecr_registry_host}
            log.info("images are looked after", extra={"host": self.x.host, **where})
            self._greenlet = gevent.spawn(self._for_ever)

    def wake(self) -> None:
        """Something is wanted: look at once."""
        self._bell.set()

    def close(self) -> None:
        """Pulls under way are broken off; the next start takes them up. A sandbox that is being made or removed for a
        trial is waited for, so that none stays behind."""
        tasks = [*self._tasks.values(), *([self._greenlet] if self._greenlet else [])]
        gevent.killall(tasks, block=False)
        if len(gevent.joinall(tasks, timeout=CLOSE_S)) < len(tasks):
            log.warning("the engine does not let go of a trial of an image; the next start looks after it")

    def _for_ever(self) -> None:
        while True:
            try:
                self.look()
            except Unavailable:
                log.warning("the database is away; images are looked at later")
            except Exception:
                log.exception("images could not be looked at; the next look comes in a moment")
            self._bell.wait(LOOK_S)
            self._bell.clear()

    def look(self) -> None:
        """One look: begins what is to be done."""
        if time.monotonic() - self._beaten >= BEAT_S:
            self._begin(("beat", ""), self._beat)
        self.reconcile()
        with self.x.db.transaction() as session:
            pulls = image_moves.pulls_under_way(session)
            live = image_moves.live_hosts(session, self.x.clock())
        for pull in pulls:
            if pull.driver == self.x.host or pull.driver not in live:
                self._begin(("drive", pull.id), partial(self._driver.drive, pull.id))
            if pull.state == PullState.WARMING and pull.digest:
                self._begin(("warm", pull.digest), partial(self._warm, pull.alias, pull.digest, pull.changed_at))

    def reconcile(self) -> None:
        """Begins what this host lacks, has too many of or should look at again."""
        with self.x.db.transaction() as session:
            images = list(session.scalars(select(RegistryImage)))
            rows = {row.digest: row for row in session.scalars(select(HostImage).where(HostImage.host == self.x.host))}
        works: Mapping[str, Callable[[RegistryImage], bool | None]]
        works = {"fetch": self._fetch, "verify": self._verify, "remove": self._remove}
        for image in images:
            if what := _to_do(image, rows.get(image.digest), self.x.clock()):
                self._begin(("image", image.digest), partial(works[what], image))  # of one, one thing at a time

    def _begin(self, key: tuple[str, str], work: Callable[[], bool | None]) -> None:
        """In a greenlet, unless that is at it already; where `work` changed something, that is looked at at once."""
        if key in self._tasks:
            return

        def outer() -> None:
            has_changed: bool | None = False
            try:
                has_changed = work()
            except Unavailable:
                log.warning("the database is away; %s %s comes again", *key)
            except Exception:
                log.exception("%s of an image failed", key[0])
            finally:
                del self._tasks[key]
            if has_changed:
                self._bell.set()

        self._tasks[key] = gevent.spawn(outer)

    def _beat(self) -> None:
        free, facts = None, {}
        with suppress(BytemeError):
            free = self.x.store.free_bytes()
        try:
            facts = _plain(self.x.engine.check())
        except EngineError as error:
            facts = {"error": error.message}
        with self.x.db.transaction() as session:
            image_moves.beat(
                session, self.x.host, self.x.clock(), slots=self.x.settings.run_slots, facts=facts, free_bytes=free
            )
        self._beaten = time.monotonic()

    # one image

    def _fetch(self, image: RegistryImage) -> bool:
        """From wanted to ready, or failed with why and when to try again."""
        with self._at_once:
            manifest, begin = image_moves.manifest_of(image), time.monotonic()
            attempts = self._attempt(image.digest)
            try:
                local = self._had(manifest) or self._pulled(manifest, image.deadline_s)
                self._note(image.digest, state=HostState.SMOKE, engine_id=local.id, ref=local.ref, progress=1.0)
                self.x.smoke.try_out(local, image.smoke)
            except PullFailed as error:
                return self._failed(image.digest, Why(error.why), error.message, attempts)
            except BytemeError as error:
                return self._failed(image.digest, Why.ERROR, error.message, attempts)
            seconds = round(time.monotonic() - begin, 1)
            self._note(image.digest, state=HostState.READY, seconds=seconds, verified_at=self.x.clock(), retry_at=None)
            log.info("an image is ready", extra={"digest": image.digest, "seconds": seconds})
            return True

    def _attempt(self, digest: str) -> int:
        with self.x.db.transaction() as session:
            row = session.get(HostImage, (self.x.host, digest))
            attempts = (row.attempts if row else 0) + 1
            image_moves.note(
                session, self.x.host, digest, self.x.clock(), state=HostState.PULLING, attempts=attempts, why=None,
                message="", progress=0.0, retry_at=None, seconds=None,
            )  # fmt: skip
        return attempts

    def _had(self, manifest: Manifest) -> LocalImage | None:
        """The image, if the engine has it already."""
        try:
            return self.x.store.verify(manifest)
        except PullFailed as error:
            if error.why != Why.NOT_FOUND:
                raise
            return None

    def _pulled(self, manifest: Manifest, deadline_s: float) -> LocalImage:
        free = self.x.store.free_bytes()
        if free is not None:
            self._note(manifest.digest, free_bytes=free)
            check_disk(manifest.bytes, free)
        self.x.store.pull(manifest, _Told(lambda part: self._note(manifest.digest, progress=part)), deadline_s)
        self._note(manifest.digest, state=HostState.VERIFYING, progress=1.0)
        return self.x.store.verify(manifest)

    def _failed(self, digest: str, why: Why, message: str, attempts: int) -> bool:
        pause = LONG_RETRY if why in HOPELESS else timedelta(seconds=pause_s(attempts))
        retry_at = None if why in _GIVEN_UP else self.x.clock() + pause
        self._note(digest, state=HostState.FAILED, why=why, message=message, retry_at=retry_at)
        log.warning("an image is not ready: %s", message, extra={"digest": digest, "why": why, "attempts": attempts})
        return True

    def _verify(self, image: RegistryImage) -> None:
        """One that was ready: is it still there, and what it should be?"""
        try:
            local = self.x.store.verify(image_moves.manifest_of(image))
        except PullFailed as error:
            if error.why in {Why.NOT_FOUND, Why.DIGEST}:
                self._note(image.digest, state=HostState.PULLING, message=error.message, attempts=0)
            log.warning("an image could not be verified: %s", error.message, extra={"digest": image.digest})
            return
        self._note(image.digest, engine_id=local.id, ref=local.ref, verified_at=self.x.clock())

    def _remove(self, image: RegistryImage) -> None:
        """One that is wanted no longer; while it is in use it stays, and is tried again."""
        now = self.x.clock()
        try:
            is_gone = self.x.store.remove(image_moves.manifest_of(image))
        except PullFailed as error:
            is_gone = False
            log.warning("an image could not be removed: %s", error.message, extra={"digest": image.digest})
        with self.x.db.transaction() as session:
            row = session.get(HostImage, (self.x.host, image.digest))
            if row is not None and is_gone:
                session.delete(row)
            elif row is not None:
                row.retry_at, row.message = now + timedelta(minutes=1), "wanted no longer, and still in use"

    def _warm(self, alias: str, digest: str, since: datetime) -> bool:
        """Sandboxes on an image that the default alias is about to mean wait before it does."""
        with self.x.db.transaction() as session:
            row = session.get(HostImage, (self.x.host, digest))
        if row is None or row.state != HostState.READY or (row.warmed_at and row.warmed_at >= since):
            return False
        if alias == DEFAULT_ALIAS and not self.x.engine.prepare(Image(alias, row.ref, digest, row.engine_id), WARM_S):
            log.warning("not all sandboxes were ready before a switch", extra={"digest": digest})
        self._note(digest, warmed_at=self.x.clock())
        return True

    def _note(self, digest: str, **values: Any) -> None:
        with self.x.db.transaction() as session:
            image_moves.note(session, self.x.host, digest, self.x.clock(), **values)


class _Told:
    """How far a pull is, written now and then. A database that is away costs the pull nothing."""

    def __init__(self, write: Callable[[float], None]) -> None:
        self._write, self._at = write, 0.0

    def __call__(self, part: float) -> None:
        now = time.monotonic()
        if now - self._at >= TOLD_S:
            self._at = now
            with suppress(Unavailable):
                self._write(part)


def _to_do(image: RegistryImage, row: HostImage | None, now: datetime) -> str | None:
    """What a host has to do about an image."""
    if not image.wanted:
        return "remove" if row is not None and (row.retry_at is None or row.retry_at <= now) else None
    if row is None or row.state not in {HostState.READY, HostState.FAILED}:
        return "fetch"
    if row.state == HostState.FAILED:
        return "fetch" if row.retry_at is not None and row.retry_at <= now else None
    asked = image.verify_after
    is_old = row.verified_at is None or row.verified_at <= now - VERIFY_EVERY or (asked and row.verified_at < asked)
    return "verify" if is_old else None


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """What JSON can hold of what the engine says."""
    return {name: value for name, value in facts.items() if isinstance(value, str | int | float | bool | None)}
