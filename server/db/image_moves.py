"""What is asked and written of images: by operators' services, and by each host's agent. Every switch of an alias goes
through `switch`, which says from which version: whoever comes second changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.db.image_models import Host, HostImage, ImageAlias, ImagePull, RegistryImage
from server.db.models import Run
from server.db.queries import audit
from server.domain.errors import Outdated
from server.domain.image import (
    BUILT,
    DEFAULT_ALIAS,
    OVER,
    Alias,
    Examined,
    HostState,
    Manifest,
    OnHost,
    Platform,
    PullState,
    Reference,
    Why,
)
from server.domain.run import LEASED

LOST_AFTER = timedelta(seconds=60)  # since a host was last seen
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Active:
    """What an alias points to, and how that is on one host."""

    alias: str
    digest: str
    state: str | None
    engine_id: str
    ref: str


def active(session: Session, host: str, alias: str | None = None) -> list[Active]:
    """What the aliases (or one) point to, as far as it comes from a registry."""
    on_host = (HostImage.digest == ImageAlias.digest) & (HostImage.host == host)
    query = (
        select(ImageAlias.name, ImageAlias.digest, HostImage.state, HostImage.engine_id, HostImage.ref)
        .outerjoin(HostImage, on_host)
        .where(ImageAlias.digest != BUILT)
    )
    rows = session.execute(query.where(ImageAlias.name == alias) if alias else query)
    return [Active(name, digest, state, engine_id or "", ref or "") for name, digest, state, engine_id, ref in rows]


def lacking(session: Session, host: str) -> frozenset[str]:
    """The aliases whose image this host does not have: it takes no runs on them."""
    return frozenset(one.alias for one in active(session, host) if one.state != HostState.READY)


def beat(session: Session, host: str, now: datetime, **facts: Any) -> None:
    """A host says that it is there. One that has not for long is forgotten, with what it had."""
    row = session.get(Host, host) or Host(name=host)
    row.seen_at, row.slots = now, facts["slots"]
    row.facts, row.free_bytes = facts["facts"], facts["free_bytes"]
    session.add(row)
    gone = select(Host.name).where(Host.seen_at < now - FORGOTTEN_AFTER)
    session.execute(delete(HostImage).where(HostImage.host.in_(gone)))
    session.execute(delete(Host).where(Host.seen_at < now - FORGOTTEN_AFTER))


def live_hosts(session: Session, now: datetime) -> list[str]:
    """The hosts that were seen of late."""
    return list(session.scalars(select(Host.name).where(Host.seen_at > now - LOST_AFTER).order_by(Host.name)))


def manifest_of(image: RegistryImage) -> Manifest:
    """An image's manifest, as it was resolved."""
    os, _, architecture = image.platform.partition("/")
    reference = Reference(image.host, image.repository, image.tag, image.digest)
    return Manifest(
        reference, image.digest, image.top, image.config_digest, image.layers, Platform(os, architecture), image.labels
    )


def examined(image: RegistryImage) -> Examined:
    """What was found out about an image before it was pulled."""
    return Examined(image.checks, image.signed, image.findings)


def want(session: Session, manifest: Manifest, found: Examined, pull: ImagePull, now: datetime) -> None:
    """From now on hosts are to have this image; those that failed at it try again. What nobody looked at this time
    stays as it was found before: it is the same image."""
    row = session.get(RegistryImage, manifest.digest) or RegistryImage(digest=manifest.digest, created_at=now)
    reference = manifest.reference
    row.host, row.repository, row.tag = reference.host, reference.repository, reference.tag
    row.top, row.config_digest, row.platform = manifest.top, manifest.config_digest, str(manifest.platform)
    row.layers, row.labels, row.checks = dict(manifest.layers), dict(manifest.labels), list(found.told)
    row.signed = row.signed if found.signed is None else found.signed
    row.findings = row.findings if found.findings is None else dict(found.findings)
    if pull.smoke is not None or row.smoke is None:
        row.smoke = pull.smoke
    was_unwanted, row.deadline_s, row.wanted = row.wanted is False, pull.deadline_s, True
    session.add(row)
    session.flush()
    begin_anew(session, manifest.digest, everywhere=was_unwanted)


def begin_anew(session: Session, digest: str, *, everywhere: bool = False) -> None:
    """Hosts that failed at an image begin anew; with `everywhere` all do, for some may have removed it."""
    which = [HostImage.digest == digest] + ([] if everywhere else [HostImage.state == HostState.FAILED])
    values = {"state": HostState.PULLING, "why": None, "message": "", "attempts": 0, "progress": 0.0, "retry_at": None}
    session.execute(update(HostImage).where(*which).values(values))


def on_hosts(session: Session, digest: str) -> list[HostImage]:
    return list(session.scalars(select(HostImage).where(HostImage.digest == digest).order_by(HostImage.host)))


def as_seen(rows: list[HostImage]) -> list[OnHost]:
    """Rows in the rules' terms."""
    return [OnHost(r.host, HostState(r.state), Why(r.why) if r.why else None, r.message) for r in rows]


def note(session: Session, host: str, digest: str, now: datetime, **values: Any) -> None:
    """How an image is on a host; nothing when it is wanted no longer."""
    row = session.get(HostImage, (host, digest))
    if row is None:
        if session.get(RegistryImage, digest) is None:
            return
        row = HostImage(
            host=host,
            digest=digest,
            state=HostState.PULLING,
            message="",
            progress=0.0,
            attempts=0,
            engine_id="",
            ref="",
        )
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    session.add(row)


def pulls_under_way(session: Session) -> list[ImagePull]:
    query = select(ImagePull).where(ImagePull.state.not_in(sorted(OVER))).order_by(ImagePull.id)
    return list(session.scalars(query))


def move_pull(session: Session, pull: ImagePull, to: PullState, now: datetime, **values: Any) -> bool:
    """From the state that was read to another one; False when somebody else moved it meanwhile."""
    finished = {"finished_at": now} if to in OVER else {}
    moved = session.execute(
        update(ImagePull)
        .where(ImagePull.id == pull.id, ImagePull.state == pull.state)
        .values({"state": to, "changed_at": now} | finished | values)
        .returning(ImagePull.id)
    )
    return moved.one_or_none() is not None


def alias_of(session: Session, name: str) -> Alias | None:
    """What an alias points to; the default one, while nobody switched it, to what is built on the hosts."""
    row = session.get(ImageAlias, name)
    if row is None:
        return Alias(name, BUILT, None, 0) if name == DEFAULT_ALIAS else None
    return Alias(row.name, row.digest, row.previous, row.version)


def switch(session: Session, before: Alias | None, after: Alias, now: datetime, actor_id: str) -> None:
    """Writes an alias's switch, once. Raises Outdated when it has changed since `before` was read."""
    values = {"digest": after.digest, "previous": after.previous, "version": after.version, "switched_at": now}
    if before is None or before.version == 0:
        try:
            session.add(ImageAlias(name=after.name, **values))
            session.flush()
        except IntegrityError:
            raise Outdated(f"Somebody else has switched {after.name} meanwhile.") from None
    else:
        which = (ImageAlias.name == after.name, ImageAlias.version == before.version)
        done = session.execute(update(ImageAlias).where(*which).values(values).returning(ImageAlias.name))
        if done.one_or_none() is None:
            raise Outdated(f"Somebody else has switched {after.name} meanwhile.")
    audit(session, now, actor_id, "image.switch", after.name, digest=after.digest, previous=after.previous)


def used_images(session: Session) -> dict[str, str]:
    """Why images must stay, by digest."""
    used: dict[str, str] = {}
    live = select(Run.image_digest).where(Run.state.in_(LEASED), Run.image_digest.is_not(None)).distinct()
    used |= {str(digest): "in use" for digest in session.scalars(live)}
    used |= {pull.digest: "being pulled" for pull in pulls_under_way(session) if pull.digest}
    aliases = list(session.scalars(select(ImageAlias)))
    used |= {row.previous: f"previous of {row.name}" for row in aliases if row.previous}
    return used | {row.digest: f"active: {row.name}" for row in aliases if row.digest}


def wanted_images(session: Session) -> list[RegistryImage]:
    """Those that hosts are to have, the newest first."""
    query = select(RegistryImage).where(RegistryImage.wanted)
    return list(session.scalars(query.order_by(RegistryImage.created_at.desc(), RegistryImage.digest)))


def running_by_host(session: Session) -> Mapping[str, int]:
    """How many runs each host has."""
    query = select(Run.worker, func.count()).where(Run.state.in_(LEASED), Run.worker.is_not(None)).group_by(Run.worker)
    return {str(name): count for name, count in session.execute(query)}
