"""The tables of images: what an operator wants, and how far each host is with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.models import Base


class Host(Base):
    """A machine that executes runs, as its server says; one that was not seen for a while counts as lost."""

    __tablename__ = "hosts"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    seen_at: Mapped[datetime]
    slots: Mapped[int]
    facts: Mapped[dict[str, Any]]
    free_bytes: Mapped[int | None]  # on the engine's disk


class RegistryImage(Base):
    """An image that hosts are to have, as it was resolved and examined."""

    __tablename__ = "images"

    digest: Mapped[str] = mapped_column(String(80), primary_key=True)
    top: Mapped[str] = mapped_column(String(80))  # what the reference itself named
    host: Mapped[str] = mapped_column(String(255))
    repository: Mapped[str] = mapped_column(String(255))
    tag: Mapped[str] = mapped_column(String(128))
    config_digest: Mapped[str] = mapped_column(String(80))
    platform: Mapped[str] = mapped_column(String(64))
    layers: Mapped[dict[str, Any]]
    labels: Mapped[dict[str, Any]]
    checks: Mapped[list[Any]]  # one line each
    signed: Mapped[bool | None]  # by our key, when that was looked at; None: it never was
    findings: Mapped[dict[str, Any] | None]  # of its scan, by severity; None as well
    smoke: Mapped[str | None] = mapped_column(Text)  # the program that must succeed on it; None: the usual one
    deadline_s: Mapped[int]
    wanted: Mapped[bool]  # no longer, once it is pruned
    verify_after: Mapped[datetime | None]  # what hosts verified before then counts no more
    created_at: Mapped[datetime]


class HostImage(Base):
    """An image on one host, written by that host's agent alone."""

    __tablename__ = "host_images"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("images.digest", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    why: Mapped[str | None] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(Text)
    progress: Mapped[float]  # of the pull, from 0 to 1
    attempts: Mapped[int]
    retry_at: Mapped[datetime | None]  # None: not by itself
    seconds: Mapped[float | None]  # from the beginning of the attempt to ready
    free_bytes: Mapped[int | None]
    engine_id: Mapped[str] = mapped_column(String(80))
    ref: Mapped[str] = mapped_column(String(512))
    warmed_at: Mapped[datetime | None]  # when its sandboxes waited last, for a switch to come
    verified_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class ImageAlias(Base):
    """What runs ask for. An empty digest means what was built on the host."""

    __tablename__ = "image_aliases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(80))
    previous: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int]
    switched_at: Mapped[datetime]


class ImagePull(Base):
    """What an operator asked for, from the reference to the switch. `driver` is the host that sees to it."""

    __tablename__ = "image_pulls"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ref: Mapped[str] = mapped_column(String(512))
    alias: Mapped[str] = mapped_column(String(64))
    activate: Mapped[bool]
    dry_run: Mapped[bool]
    quorum: Mapped[int]  # per cent
    policy: Mapped[dict[str, Any]]
    smoke: Mapped[str | None] = mapped_column(Text)
    deadline_s: Mapped[int]
    actor_id: Mapped[str] = mapped_column(String(32))
    driver: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16), index=True)
    why: Mapped[str | None] = mapped_column(String(16))
    message: Mapped[str] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(80))
    bytes: Mapped[int | None]
    checks: Mapped[list[Any]]
    alias_version: Mapped[int | None]  # as it was when the pool began to warm: the switch is from there
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
