"""The shapes of what operators see."""

from typing import Annotated, Any, Literal

from pydantic import Field

from server.domain.policy import Role
from server.domain.quota import Quota
from server.domain.run import Limits, Network, State
from server.web.answers import Answer, Next, QuotaUse, Time


class Account(Answer):
    id: str
    email: str
    role: Role
    disabled: bool
    quota: Annotated[Quota, Field(description="what is in force")]
    overrides: Annotated[dict[str, Any], Field(description="what of it differs from the platform's")]
    usage: QuotaUse
    created_at: Time


class AccountPage(Answer):
    items: list[Account]
    next: Next


class AuditEntry(Answer):
    id: str
    time: Time
    actor_id: str | None
    actor_email: Annotated[str | None, Field(description="null when it was the platform, or the account is gone")]
    verb: str
    thing: str
    detail: dict[str, Any]


class AuditPage(Answer):
    items: list[AuditEntry]
    next: Next


class Host(Answer):
    name: str
    state: Literal["ready", "unreachable"]
    slots: int
    running_runs: int
    facts: dict[str, Any]


class HostPage(Answer):
    items: list[Host]
    next: Next


class Image(Answer):
    alias: str
    ref: str
    digest: str
    active: bool


class ImagePage(Answer):
    items: list[Image]
    next: Next


class QueuedRun(Answer):
    """A run that has not ended: whose it is and what it needs; nothing of its code, environment or output."""

    id: str
    owner_id: str
    owner_email: str
    state: State
    limits: Limits
    network: Network
    created_at: Time


class WaitingRun(QueuedRun):
    position: Annotated[int, Field(description="1 is next")]
    wait_s: Annotated[int | None, Field(description="an estimate; null when nobody can tell")]
    why: Annotated[str, Field(description="what it waits for")]


class RunningRun(QueuedRun):
    host: str | None
    started_at: Time | None
    stopping: Annotated[bool, Field(description="its end was asked for")]


class Queue(Answer):
    items: Annotated[list[WaitingRun], Field(description="those whose turn comes first")]
    next: Next
    queued: Annotated[int, Field(description="how many wait in all")]
    running: list[RunningRun]
    slots: int


class Setting(Answer):
    name: str
    value: Annotated[Any, Field(description="null when it is not set, or a secret")]
    default: Any
    description: str
    secret: bool
    is_set: Annotated[bool, Field(description="it differs from the default")]


class SettingPage(Answer):
    items: list[Setting]
    next: Next


class Waits(Answer):
    """Seconds from submitting to the program's start, of runs that ended in the last day."""

    median_s: float | None
    p95_s: float | None


class Hour(Answer):
    begins_at: Time
    ended: int
    failed: int


class Disk(Answer):
    free_mb: int
    total_mb: int
    least_mb: Annotated[int, Field(description="below this no run starts")]


class Overview(Answer):
    queued: int
    running: int
    slots: int
    waits: Waits
    hours: Annotated[list[Hour], Field(description="the last 24, the present one last")]
    ended: Annotated[int, Field(description="runs that ended in the last day")]
    failed: Annotated[int, Field(description="those of them that failed, whatever the reason")]
    platform_failed: Annotated[int, Field(description="those that failed by the platform's fault")]
    disk: Disk
    users: int
