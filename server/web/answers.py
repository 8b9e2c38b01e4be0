"""The shapes of answers. Every field is always there."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from server.domain.policy import Role, Scope
from server.domain.quota import Quota
from server.domain.run import Limits, Network, Reason, State

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="RFC 3339, UTC")]
Next = Annotated[str | None, Field(description="cursor of the next page; null on the last")]


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldProblem(Answer):
    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: Annotated[list[FieldProblem], Field(default_factory=list, description="with status 422")]


class User(Answer):
    id: str
    email: str
    role: Role
    created_at: Time


class UserAnswer(Answer):
    user: User


class Tokens(Answer):
    access_token: str
    refresh_token: str
    expires_in: Annotated[int, Field(description="seconds until the access token expires")]
    user: User


class QuotaUse(Answer):
    queued_runs: int
    running_runs: int
    storage_mb: float
    runs_today: int
    cpu_s_today: Annotated[float, Field(description="of runs that have ended")]
    day_ends_at: Annotated[Time, Field(description="when the day's counts begin anew")]


class Me(Answer):
    id: str
    email: str
    role: Role
    quota: Quota
    usage: QuotaUse


class Notice(Answer):
    """What operators tell everybody, and whether runs start."""

    text: str
    draining: Annotated[bool, Field(description="new runs are queued, but none starts")]
    updated_at: Time | None


class Ticket(Answer):
    url: Annotated[str, Field(description="path and query, to be opened without a header")]
    expires_in: Annotated[int, Field(description="seconds")]


class Key(Answer):
    id: str
    name: str
    scopes: list[Scope]
    created_at: Time
    expires_at: Time | None
    last_used_at: Annotated[Time | None, Field(description="to the minute")]


class NewKey(Key):
    key: Annotated[str, Field(description="what to send as the bearer; not shown again")]


class KeyPage(Answer):
    items: list[Key]
    next: Next


class Secret(Answer):
    name: str
    updated_at: Time


class SecretPage(Answer):
    items: list[Secret]
    next: Next


class DatasetMount(Answer):
    id: str
    name: str


class RunImage(Answer):
    alias: str | None
    ref: Annotated[str | None, Field(description="a name that the engine knows")]
    digest: str | None


class RunUsage(Answer):
    cpu_s: float
    peak_memory_mb: float
    disk_mb: float


class RunOutput(Answer):
    bytes: int
    truncated: bool


class SkippedArtifact(Answer):
    path: str
    why: str


class RunArtifacts(Answer):
    count: int
    bytes: int
    skipped: list[SkippedArtifact]


class RunSpan(Answer):
    step: str
    at_ms: Annotated[float, Field(description="milliseconds since the run was created")]
    ms: Annotated[float, Field(description="how long it took")]


class LastMetric(Answer):
    name: str
    step: int | None
    value: Annotated[float | None, Field(description="null when it is not a finite number")]


class Run(Answer):
    id: str
    project: str | None
    entrypoint: str
    args: list[str]
    env: dict[str, str]
    datasets: list[DatasetMount]
    secrets: Annotated[list[str], Field(description="names of what the program finds in its environment")]
    limits: Limits
    network: Network
    state: State
    reason: Annotated[Reason | None, Field(description="of a failed run")]
    exit_code: int | None
    message: str | None
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    queue_position: Annotated[int | None, Field(description="1 is next; of a queued run only")]
    queue_wait_s: Annotated[
        int | None, Field(description="an estimate, from what recent runs took; null when nobody can tell")
    ]
    image: RunImage
    host: str | None
    warm: bool
    usage: RunUsage
    output: RunOutput
    artifacts: RunArtifacts
    trace: Annotated[list[RunSpan], Field(description="where its time went; a step that was not seen has no span")]
    metrics: Annotated[
        list[LastMetric], Field(description="the last of each, of an ended run that reported few enough")
    ]
    tags: list[str]
    note: str
    starred: bool
    shared_at: Annotated[Time | None, Field(description="since when there is a link to it; null: there is none")]


class RunPage(Answer):
    items: list[Run]
    next: Next


class Artifact(Answer):
    path: str
    bytes: int
    sha256: str
    media_type: str
    created_at: Time


class ArtifactPage(Answer):
    items: list[Artifact]
    next: Next


class Metric(Answer):
    name: str
    step: int | None
    value: Annotated[float | None, Field(description="null when it is not a finite number")]
    time: Annotated[float | None, Field(description="seconds since 1970")]


class MetricPage(Answer):
    items: list[Metric]
    next: Next


class Template(Answer):
    name: str
    title: str
    summary: str
    tags: list[str]
    entrypoint: str
    expected_seconds: Annotated[int | None, Field(description="how long a run of it takes, about")]
    data: Annotated[str, Field(description="what data it needs")]
    yields: Annotated[list[str], Field(description="what a run of it leaves or shows")]
    files: dict[str, str]


class TemplatePage(Answer):
    items: list[Template]
    next: Next


class ProjectSummary(Answer):
    id: str
    name: str
    entrypoint: str
    version: int
    created_at: Time
    updated_at: Time


class Project(ProjectSummary):
    files: dict[str, str]


class ProjectPage(Answer):
    items: list[ProjectSummary]
    next: Next
