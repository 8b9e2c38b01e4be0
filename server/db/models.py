"""The tables. Times are UTC; sizes are bytes unless the name says MiB."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database: SQLite alone forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None


# Every constraint has a name, so that a later migration can change it.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, int: BigInteger}


class User(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    quota: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what differs from the settings' quota
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class DailyUse(Base):
    """What a tenant has used of a day: it stays so when the runs are deleted."""

    __tablename__ = "daily_use"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # in UTC, as 2026-01-31
    runs: Mapped[int]
    cpu_s: Mapped[float]


class AuthSession(Base):
    """A family of tokens, from one login: a spent refresh token that comes again ends the whole family."""

    __tablename__ = "auth_sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_id: Mapped[str] = mapped_column(String(32))  # the one refresh token that is not spent
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class ApiKey(Base):
    """A program's way in. Of its secret only the hash is kept; a key that is revoked has no row."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    secret_sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]  # to the minute


class Secret(Base):
    """A value that programs are given and nobody reads again, sealed with a key that is not in the database."""

    __tablename__ = "secrets"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class RunSecrets(Base):
    """What a run's program was given, sealed: to be found in its output after a crash, too. Gone when the run ends."""

    __tablename__ = "run_secrets"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


class Project(Base):
    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    entrypoint: Mapped[str] = mapped_column(String(4096))
    files: Mapped[dict[str, Any]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Dataset(Base):
    """One version of a dataset; those of one series have its first upload's id in common, and a name."""

    __tablename__ = "datasets"
    __table_args__ = (Index("ix_datasets_series", "series_id", "version", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    series_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Upload(Base):
    """A dataset that is still coming. How much of it is here, the file says."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # the dataset's, once it is whole
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    series_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    bytes: Mapped[int]  # in all
    fingerprint: Mapped[str] = mapped_column(String(200))  # what the client knows the file by
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RunDataset(Base):
    """A run was given this version of a dataset."""

    __tablename__ = "run_datasets"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    dataset_id: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)


class Run(Base):
    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_runs_user_created", "user_id", "id"),
        Index("ix_runs_state", "state", "user_id", "id"),
        Index("ix_runs_storage", "user_id", "artifact_bytes", "output_bytes"),  # no sum reads the rows with their files
        Index("ix_runs_finished", "finished_at", "started_at"),
        Index("ix_runs_share", "share_sha256", unique=True),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[str | None] = mapped_column(String(32))
    # the request, as validated
    files: Mapped[dict[str, Any]]
    entrypoint: Mapped[str] = mapped_column(String(4096))
    args: Mapped[list[Any]]
    env: Mapped[dict[str, Any]]
    datasets: Mapped[list[Any]]
    limits: Mapped[dict[str, Any]]
    network: Mapped[str] = mapped_column(String(16))
    image_alias: Mapped[str | None] = mapped_column(String(255))
    output_limit_bytes: Mapped[int]
    interactive: Mapped[bool]  # its standard input stays open until somebody closes it
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    request_sha256: Mapped[str] = mapped_column(String(64))
    # where it is
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    exit_code: Mapped[int | None]
    message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    stop_cause: Mapped[str | None] = mapped_column(String(16))  # why we ended it ourselves, kept over a restart
    # whose it is at the moment
    attempt: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(255))
    # what it ran on and used
    image_ref: Mapped[str | None] = mapped_column(String(512))
    image_digest: Mapped[str | None] = mapped_column(String(128))
    host: Mapped[str | None] = mapped_column(String(255))
    warm: Mapped[bool] = mapped_column(default=False)
    cpu_s: Mapped[float] = mapped_column(default=0.0)
    peak_memory_bytes: Mapped[int] = mapped_column(default=0)
    disk_bytes: Mapped[int] = mapped_column(default=0)
    output_bytes: Mapped[int] = mapped_column(default=0)
    output_truncated: Mapped[bool] = mapped_column(default=False)
    artifact_count: Mapped[int] = mapped_column(default=0)
    artifact_bytes: Mapped[int] = mapped_column(default=0)
    artifacts_skipped: Mapped[list[Any]] = mapped_column(default=list)
    trace: Mapped[list[Any] | None]  # spans, see domain/trace.py
    secrets: Mapped[list[Any] | None]  # the names of those that its program is given
    last_metrics: Mapped[list[Any] | None]  # name, step, value of each; None while it runs, or when there are too many
    # what its owner says of it, and whom it is shown
    tags: Mapped[list[Any] | None]
    note: Mapped[str | None] = mapped_column(Text)
    starred: Mapped[bool | None]
    share_sha256: Mapped[str | None] = mapped_column(String(64))  # of the link's token
    shared_at: Mapped[datetime | None]


class RunEvent(Base):
    """One line of a run's history; written with the transition it tells of."""

    __tablename__ = "run_events"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    time: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    worker: Mapped[str | None] = mapped_column(String(255))
    attempt: Mapped[int]


class Artifact(Base):
    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("run_id", "path"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(255))
    store_key: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Notice(Base):
    """What operators tell everybody, and whether runs start: one row, or none."""

    __tablename__ = "notice"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    draining: Mapped[bool]  # new runs are queued, but none starts
    updated_at: Mapped[datetime]


class AuditEntry(Base):
    """Who did what, written in the transaction that did it."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    time: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str | None] = mapped_column(String(32))
    verb: Mapped[str] = mapped_column(String(64))
    thing: Mapped[str] = mapped_column(String(255))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
