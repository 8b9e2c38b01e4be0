"""The shapes of requests and answers about images."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from server.domain.image import ALIAS, SEVERITIES, PullState, Why
from server.web.answers import Answer, Next, Time
from server.web.schemas import Body
from server.web.text import Text

SMOKE_BYTES = 64 << 10
_NAME = Field(pattern=f"^{ALIAS.pattern}$", description="what runs ask for")


def _severities(values: list[str]) -> list[str]:
    for value in values:
        if value not in SEVERITIES:
            raise ValueError(f"{value[:40]!r} is no severity ({', '.join(SEVERITIES)})")
    return values


class PullRequest(Body):
    """An image to pull, and what to do with it. The policy can be made stricter than the settings', not weaker."""

    ref: Annotated[Text, Field(min_length=1, max_length=500, description="REPOSITORY:TAG or REPOSITORY@sha256:…")]
    alias: Annotated[str, _NAME] = "default"
    activate: Annotated[bool, Field(strict=True, description="switch the alias once a quorum of hosts is ready")] = True
    dry_run: Annotated[bool, Field(strict=True, description="resolve and examine only")] = False
    quorum: Annotated[int, Field(ge=1, le=100, strict=True, description="per cent of the hosts")] = 100
    fail_on: Annotated[
        list[str], Field(max_length=len(SEVERITIES), description="severities of scan findings"),
        AfterValidator(_severities),
    ] = Field(default_factory=list)  # fmt: skip
    require_signature: Annotated[bool, Field(strict=True)] = False
    smoke: Annotated[
        Text | None, Field(max_length=SMOKE_BYTES, description="a Python program that must succeed on the image")
    ] = None
    deadline_s: Annotated[int | None, Field(ge=10, le=86400, strict=True)] = None


class ActivateRequest(Body):
    """An image that hosts have, by digest or by the reference that it was pulled by."""

    image: Annotated[Text, Field(min_length=1, max_length=500)]
    quorum: Annotated[int, Field(ge=1, le=100, strict=True, description="per cent of the hosts")] = 100


class PruneRequest(Body):
    keep: Annotated[int, Field(ge=0, le=1000, strict=True, description="how many that nobody needs stay")] = 3
    dry_run: Annotated[bool, Field(strict=True)] = False


class ImageOnHost(Answer):
    host: str
    state: Literal["waiting", "pulling", "verifying", "smoke", "ready", "failed"]
    why: Why | None
    message: str
    progress: Annotated[float, Field(description="of the pull, from 0 to 1")]
    attempts: int
    seconds: Annotated[float | None, Field(description="that it took until it was ready")]
    free_bytes: Annotated[int | None, Field(description="on the engine's disk, before the pull")]
    ref: Annotated[str, Field(description="our own name for it on the host's engine")]
    retry_at: Annotated[Time | None, Field(description="of a failed one; null: when it is asked for again")]
    verified_at: Time | None


class Image(Answer):
    alias: Annotated[str | None, Field(description="what runs ask for; null while no alias means it")]
    ref: str
    digest: Annotated[str, Field(description="empty for what is built on the hosts, while it is not active")]
    active: Annotated[bool, Field(description="does the alias mean it now")]
    previous: Annotated[bool, Field(description="did the alias mean it before: a rollback goes there")]
    version: Annotated[int | None, Field(description="how often the alias was switched")]
    bytes: Annotated[int | None, Field(description="compressed")]
    checks: Annotated[list[str], Field(description="what was examined before it was pulled")]
    hosts: list[ImageOnHost]
    created_at: Time | None


class ImagePage(Answer):
    items: list[Image]
    next: Next


class Pull(Answer):
    id: str
    ref: str
    alias: str
    activate: bool
    dry_run: bool
    quorum: int
    state: PullState
    why: Annotated[Why | None, Field(description="of a failed one")]
    message: str
    digest: str | None
    bytes: Annotated[int | None, Field(description="compressed")]
    checks: list[str]
    hosts: list[ImageOnHost]
    created_at: Time
    finished_at: Time | None


class PullPage(Answer):
    items: list[Pull]
    next: Next


class Switched(Answer):
    alias: str
    digest: Annotated[str, Field(description="empty: what is built on the hosts")]
    previous: str | None
    version: int
    warning: Annotated[str | None, Field(description="what the policy in force has against it")]


class Pruned(Answer):
    digest: str
    ref: str
    kept: Annotated[str | None, Field(description="why it stays; null: it goes")]


class PrunedPage(Answer):
    items: list[Pruned]
    next: Next


class VerifyAnswer(Answer):
    requested_at: Annotated[Time, Field(description="each host's `verified_at` is later, once it has looked")]
