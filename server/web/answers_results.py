"""The shapes of answers about what came of runs."""

from typing import Annotated, Any, Literal

from pydantic import Field

from server.domain.run import Limits, Network, Reason, State
from server.web.answers import (
    Answer,
    Artifact,
    LastMetric,
    Metric,
    Next,
    Project,
    Run,
    RunArtifacts,
    RunImage,
    RunOutput,
    RunUsage,
    Time,
)


class RunFiles(Answer):
    entrypoint: str
    files: Annotated[dict[str, str], Field(description="path to text, as the run got them")]


class RunEvent(Answer):
    time: Time
    state: State
    reason: Reason | None
    attempt: int


class RunEventPage(Answer):
    items: list[RunEvent]
    next: Next


class RecordedDataset(Answer):
    id: str
    name: str
    sha256: Annotated[str | None, Field(description="null when the dataset is gone")]


class RecordedRequest(Answer):
    files: dict[str, str]
    entrypoint: str
    args: list[str]
    env: dict[str, str]
    secrets: Annotated[list[str], Field(description="names; no record holds a secret's value")]
    limits: Limits
    network: Network
    datasets: list[RecordedDataset]


class RecordedResult(Answer):
    state: State
    reason: Reason | None
    exit_code: int | None
    message: str | None
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    host: str | None
    warm: bool
    usage: RunUsage
    output: RunOutput


class RunRecord(Answer):
    format: Literal["byteme-run-record"]
    version: int
    exported_at: Time
    id: str
    request: RecordedRequest
    image: RunImage
    seeds: Annotated[dict[str, Any], Field(description="as options, variables and metrics named so report them")]
    result: RecordedResult
    metrics: Annotated[list[Metric], Field(description="the last value of each")]
    artifacts: list[Artifact]


class Difference(Answer):
    field: Annotated[str, Field(description="of the record")]
    message: str


class Imported(Answer):
    run: Run | None
    project: Project | None
    differences: Annotated[list[Difference], Field(description="what is not as it was recorded")]


class Share(Answer):
    token: Annotated[str, Field(description="not shown again")]
    url: Annotated[str, Field(description="a path of this installation's pages")]


class SharedRun(Answer):
    id: str
    entrypoint: str
    args: list[str]
    limits: Limits
    network: Network
    state: State
    reason: Reason | None
    exit_code: int | None
    message: str | None
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    image: RunImage
    usage: RunUsage
    output: RunOutput
    artifacts: RunArtifacts
    metrics: list[LastMetric]
    shared_at: Time | None
