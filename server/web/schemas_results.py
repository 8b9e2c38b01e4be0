"""The shapes of requests about what came of runs."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from server.domain.record import FORMAT, VERSION
from server.domain.run import Network
from server.services.records import Recorded
from server.web.schemas import MAX_TAG, Alias, Body, DatasetRequest, RunRequest, distinct_names
from server.web.text import FilePath, Integer, Text

MAX_TAGS = 20
MAX_NOTE = 10_000
_SHA256 = r"^[0-9a-f]{64}$"


def _tag(tag: str) -> str:
    if tag != tag.strip() or not tag.isprintable():
        raise ValueError("must be printable, without spaces around it")
    return tag


def _once(tags: list[str]) -> list[str]:
    if len({tag.casefold() for tag in tags}) < len(tags):
        raise ValueError("one is given twice")
    return tags


class RunChange(Body):
    """What is not given stays as it is."""

    tags: Annotated[
        list[Annotated[Text, Field(min_length=1, max_length=MAX_TAG), AfterValidator(_tag)]],
        Field(max_length=MAX_TAGS),
        AfterValidator(_once),
    ] = Field(default_factory=list)
    note: Annotated[Text, Field(max_length=MAX_NOTE)] = ""
    starred: Annotated[bool, Field(strict=True)] = False


class ArchiveQuery(BaseModel):
    path: Annotated[Text | None, Field(description="of an artifact; may be given several times. None: all")] = None


class RecordedDataset(DatasetRequest):
    sha256: Annotated[str | None, Field(pattern=_SHA256, description="null when it was gone at the export")]


class RecordedRequest(RunRequest):
    """What ran."""

    project: None = Field(None, exclude=True)
    image: None = Field(None, exclude=True)  # it has a place of its own
    entrypoint: FilePath
    datasets: Annotated[list[RecordedDataset], Field(max_length=64), AfterValidator(distinct_names)] = Field(
        default_factory=list
    )  # type: ignore[assignment]
    network: Network = Network.NONE


class RecordedImage(Body):
    alias: Alias | None = None
    ref: Annotated[Text, Field(max_length=512)] | None = None
    digest: Annotated[Text, Field(max_length=128)] | None = None


class Record(Body):
    """A run's record, as it is exported. Only `request` and `image` say what is to be done."""

    format: Literal["byteme-run-record"] = Field(FORMAT, validate_default=True)
    version: Annotated[Integer, Field(ge=VERSION, le=VERSION)]
    exported_at: Text = ""
    id: Text = ""
    request: RecordedRequest
    image: RecordedImage = Field(default_factory=RecordedImage)
    seeds: dict[str, Any] = Field(default_factory=dict)
    result: dict[str, Any] = Field(default_factory=dict)
    metrics: list[dict[str, Any]] = Field(default_factory=list)
    artifacts: list[dict[str, Any]] = Field(default_factory=list)

    def recorded(self) -> Recorded:
        """The record in the services' terms."""
        return Recorded(
            spec=self.request.model_copy(update={"image": self.image.alias}).to_spec(),
            digests=tuple(dataset.sha256 for dataset in self.request.datasets),
            image_digest=self.image.digest,
        )


class ImportRequest(Body):
    """A record, and what to make of it; `name` is the project's."""

    record: Record
    into: Literal["run", "project"] = "run"
    name: Annotated[Text, Field(min_length=1, max_length=200)] = "Imported run"
