"""What operators do with images. Nothing here waits for a registry or an engine: it writes what is wanted, and each
host's agent (worker/images.py) brings it about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.db import image_moves
from server.db.image_models import HostImage, ImageAlias, ImagePull, RegistryImage
from server.db.queries import Page, audit, newest_first
from server.db.session import Database
from server.domain.errors import Conflict, EngineError, ImageError, NotFound
from server.domain.ids import make_id
from server.domain.image import (
    BUILT,
    DEFAULT_ALIAS,
    HostState,
    Policy,
    PullState,
    Why,
    check_alias,
    keeps,
    objection,
    parse_reference,
)
from server.domain.policy import Actor, require_admin
from server.domain.ports import Engine, Image
from server.domain.times import rfc3339
from server.services.describe_images import describe_built, describe_image, describe_pull
from server.settings import Settings


class ActiveImages:
    """The Catalogue: what aliases mean on this host."""

    def __init__(self, db: Database, host: str) -> None:
        self._db, self._host = db, host

    def active(self, alias: str) -> Image | None:
        with self._db.transaction() as session:
            found = image_moves.active(session, self._host, alias)
        if not found:
            return None
        if found[0].state != HostState.READY:
            raise ImageError(f"The image {alias!r} is not on this host yet.")
        return Image(alias, found[0].ref, found[0].digest, found[0].engine_id)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What to pull, and what to do with it. What of the policy is None is as the settings have it; it can be made
    stricter, not weaker."""

    ref: str
    alias: str = DEFAULT_ALIAS
    activate: bool = True
    dry_run: bool = False
    quorum: int = 100
    fail_on: Sequence[str] = ()
    require_signature: bool = False
    smoke: str | None = None
    deadline_s: int | None = None


class Images:
    """Every call raises Forbidden for anybody but operators. `wake` has the agent look at once."""

    def __init__(
        self, db: Database, settings: Settings, clock: Callable[[], datetime], engine: Engine, wake: Callable[[], None]
    ) -> None:
        self._db, self._settings, self._clock, self._engine, self._wake = db, settings, clock, engine, wake

    def images(self, actor: Actor) -> list[dict[str, Any]]:
        """Each image that hosts are to have, once for every alias that means it or did before; and what is built on the
        hosts, where the default alias means that."""
        require_admin(actor)
        with self._db.transaction() as session:
            aliases = {row.name: row for row in session.scalars(select(ImageAlias).order_by(ImageAlias.name))}
            images = image_moves.wanted_images(session)
            on_hosts: dict[str, list[HostImage]] = {}
            for row in session.scalars(select(HostImage).order_by(HostImage.host)):
                on_hosts.setdefault(row.digest, []).append(row)
        items = [item for image in images for item in _items(image, aliases.values(), on_hosts.get(image.digest, []))]
        return self._built(aliases.get(DEFAULT_ALIAS)) + sorted(items, key=lambda item: not item["active"])

    def pull(self, actor: Actor, request: PullRequest) -> dict[str, Any]:
        """Asks for an image; what becomes of it tells `get_pull`. Raises Invalid."""
        require_admin(actor)
        parse_reference(request.ref)
        check_alias(request.alias)
        pull = self._new_pull(
            actor, request, state=PullState.RESOLVING, policy=self._policy(request), dry_run=request.dry_run
        )
        told = {"dry_run": True} if request.dry_run else {}
        return self._add(actor, pull, "image.pull", ref=request.ref, alias=request.alias, **told)

    def activate(self, actor: Actor, alias: str, image: str, quorum: int) -> dict[str, Any]:
        """Has an alias switched to an image that hosts have, by digest or reference. Where what was found when it was
        pulled does not pass the policy in force, that fails at once. Raises NotFound: none has it."""
        require_admin(actor)
        check_alias(alias)
        with self._db.transaction() as session:
            found = next((row for row in image_moves.wanted_images(session) if image in _names(row)), None)
            if found is None:
                raise NotFound(f"There is no image {image[:300]} on the hosts; pull it first.")
            against = self._objection(found)
            if against is None:
                image_moves.begin_anew(session, found.digest)
        request = PullRequest(image, alias, quorum=quorum, smoke=found.smoke)
        state: dict[str, Any] = {"state": PullState.PULLING}
        if against is not None:
            message = f"{against} Pull it again to have it examined anew."
            state = {"state": PullState.FAILED, "why": Why.POLICY, "message": message, "finished_at": self._clock()}
        pull = self._new_pull(
            actor, request, policy={}, dry_run=False, digest=found.digest, checks=found.checks,
            bytes=sum(found.layers.values()), **state,
        )  # fmt: skip
        refused = {"refused": "policy"} if against is not None else {}
        return self._add(actor, pull, "image.activate", digest=found.digest, alias=alias, **refused)

    def get_pull(self, actor: Actor, pull_id: str) -> dict[str, Any]:
        """A pull, and how far each host is with it. Raises NotFound."""
        require_admin(actor)
        with self._db.transaction() as session:
            pull = session.get(ImagePull, pull_id) if "\0" not in pull_id else None
            if pull is None:
                raise NotFound
            return self._described(session, pull)

    def pulls(self, actor: Actor, *, limit: int, cursor: str | None) -> Page:
        """A page of pulls, newest first, and the cursor of the next page."""
        require_admin(actor)
        with self._db.transaction() as session:
            rows, following = newest_first(session, select(ImagePull), ImagePull, limit, cursor)
            return [self._described(session, pull) for pull in rows], following

    def rollback(self, actor: Actor, alias: str) -> dict[str, Any]:
        """Switches an alias to the image before, at once: also to one that the policy in force would refuse, which it
        says and writes down. Raises NotFound, or Conflict: no host has one."""
        require_admin(actor)
        check_alias(alias)
        with self._db.transaction() as session:
            before = image_moves.alias_of(session, alias)
            if before is None:
                raise NotFound
            after = before.rolled_back()
            if after.digest != BUILT and not _is_anywhere(session, after.digest):
                raise Conflict(f"No host has {after.digest[:19]} any more; pull it again.")
            image = session.get(RegistryImage, after.digest)
            against = self._objection(image) if image else None
            told = {"against_policy": against} if against else {}
            image_moves.switch(session, before, after, self._clock(), actor.id)
            audit(session, self._clock(), actor.id, "image.rollback", alias, digest=after.digest, **told, **actor.via)
        self._engine.refresh()
        return {
            "alias": alias, "digest": after.digest, "previous": after.previous, "version": after.version,
            "warning": f"It is against the policy by now. {against}" if against else None,
        }  # fmt: skip

    def prune(self, actor: Actor, *, keep: int, dry_run: bool) -> list[dict[str, Any]]:
        """Has hosts remove the images that nobody needs but the `keep` newest; says of each why it stays (None: it
        goes). Hosts remove it as soon as no container has it."""
        require_admin(actor)
        with self._db.transaction() as session:
            images = image_moves.wanted_images(session)
            decided = keeps([image.digest for image in images], image_moves.used_images(session), keep)
            going = [digest for digest, why in decided.items() if why is None]
            if not dry_run:
                session.execute(update(RegistryImage).where(RegistryImage.digest.in_(going)).values(wanted=False))
                audit(session, self._clock(), actor.id, "image.prune", "images", digests=going, **actor.via)
        self._wake()
        return [{"digest": i.digest, "ref": _names(i)[1], "kept": decided[i.digest]} for i in images]

    def verify(self, actor: Actor) -> dict[str, Any]:
        """Has every host look again at what it has; those that have done so tell in `images` when."""
        require_admin(actor)
        now = self._clock()
        with self._db.transaction() as session:
            session.execute(update(RegistryImage).where(RegistryImage.wanted).values(verify_after=now))
            audit(session, now, actor.id, "image.verify", "images", **actor.via)
        self._wake()
        return {"requested_at": rfc3339(now)}

    def _objection(self, image: RegistryImage) -> str | None:
        """What the policy in force has against an image that hosts have."""
        settings = self._settings
        policy = Policy(tuple(settings.image_fail_on), settings.image_signature, settings.image_max_mb)
        return objection(image_moves.examined(image), sum(image.layers.values()), policy)

    def _policy(self, request: PullRequest) -> dict[str, Any]:
        signature = "require" if request.require_signature else self._settings.image_signature
        fail_on = sorted({*self._settings.image_fail_on, *request.fail_on})
        return {"fail_on": fail_on, "signature": signature, "max_mb": self._settings.image_max_mb}

    def _new_pull(self, actor: Actor, request: PullRequest, **values: Any) -> ImagePull:
        now = self._clock()
        facts: dict[str, Any] = {"message": "", "checks": []} | values
        return ImagePull(
            id=make_id(int(now.timestamp() * 1000)), ref=request.ref, alias=request.alias, activate=request.activate,
            quorum=request.quorum, smoke=request.smoke, actor_id=actor.id, driver=self._settings.this_host,
            deadline_s=request.deadline_s or self._settings.image_deadline_s, created_at=now, changed_at=now, **facts,
        )  # fmt: skip

    def _add(self, actor: Actor, pull: ImagePull, verb: str, **detail: Any) -> dict[str, Any]:
        with self._db.transaction() as session:
            session.add(pull)
            audit(session, self._clock(), actor.id, verb, pull.id, **detail, **actor.via)
            session.flush()
            described = self._described(session, pull)
        self._wake()
        return described

    def _described(self, session: Session, pull: ImagePull) -> dict[str, Any]:
        rows = image_moves.on_hosts(session, pull.digest) if pull.digest else []
        return describe_pull(pull, rows, image_moves.live_hosts(session, self._clock()))

    def _built(self, default: ImageAlias | None) -> list[dict[str, Any]]:
        """What is built on this host, where the default alias means it or did before."""
        if default is not None and BUILT not in {default.digest, default.previous}:
            return []
        if default is not None and default.digest != BUILT:
            return [describe_built(self._settings.sandbox_image, "", default.version, active=False)]
        try:
            image = self._engine.resolve(None)
        except EngineError:
            return []
        return [describe_built(image.ref, image.digest, default.version if default else 0, active=True)]


def _names(image: RegistryImage) -> tuple[str, ...]:
    """What an operator may call an image."""
    path = f"{image.host}/{image.repository}"
    by_tag = f":{image.tag}" if image.tag else f"@{image.digest}"
    return (
        image.digest, path + by_tag, image.repository + by_tag, f"{path}@{image.digest}",
        f"{image.repository}@{image.digest}", f"{path}@{image.top}", f"{image.repository}@{image.top}", image.top,
    )  # fmt: skip


def _items(image: RegistryImage, aliases: Any, rows: list[HostImage]) -> list[dict[str, Any]]:
    """The image once for every alias that means it or did before."""
    roles: list[ImageAlias | None] = [row for row in aliases if image.digest in {row.digest, row.previous}]
    return [describe_image(image, _names(image)[1], alias, rows) for alias in roles or [None]]


def _is_anywhere(session: Session, digest: str) -> bool:
    image = session.get(RegistryImage, digest)
    rows = image_moves.on_hosts(session, digest)
    return image is not None and image.wanted and any(row.state == HostState.READY for row in rows)


def as_request(values: Mapping[str, Any]) -> PullRequest:
    """A validated request in our terms."""
    return PullRequest(**{name: value for name, value in values.items() if value is not None})
