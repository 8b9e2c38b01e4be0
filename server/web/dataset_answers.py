"""The shapes of answers about datasets, uploads and previews."""

from typing import Annotated, Literal

from pydantic import Field

from server.domain.run import State
from server.web.answers import Answer, Next, Time


class Dataset(Answer):
    """One version of a dataset; runs are given it by its id."""

    id: str
    name: str
    version: int
    versions: Annotated[int, Field(description="how many there are")]
    bytes: int
    sha256: str
    created_at: Time
    used_by_runs: Annotated[int, Field(description="that were given this version, deleted ones aside")]


class DatasetPage(Answer):
    items: list[Dataset]
    next: Next


class DatasetRun(Answer):
    """A run that was given a version."""

    id: str
    project: str | None
    entrypoint: str
    state: State
    created_at: Time
    finished_at: Time | None


class DatasetRunPage(Answer):
    items: list[DatasetRun]
    next: Next


class Upload(Answer):
    """A dataset that is still coming; whole, it is the dataset of the same id."""

    id: str
    name: str
    bytes: Annotated[int, Field(description="in all")]
    offset: Annotated[int, Field(description="how many have come")]
    fingerprint: Annotated[str, Field(description="what the client knows the file by")]
    created_at: Time
    expires_at: Annotated[Time | None, Field(description="when it is given up; null once it is whole")]


class UploadPage(Answer):
    items: list[Upload]
    next: Next


class Bin(Answer):
    low: float
    high: float
    count: int


class Frequent(Answer):
    value: str
    count: int


class Column(Answer):
    """What the rows that were read hold in one column."""

    name: str
    type: Literal["integer", "number", "boolean", "date", "text"]
    nulls: Annotated[float, Field(description="share of cells without a value, 0 to 1")]
    distinct: Annotated[int, Field(description="different values")]
    min: float | str | None
    max: float | str | None
    mean: float | None
    histogram: Annotated[list[Bin], Field(description="of numbers")]
    top: Annotated[list[Frequent], Field(description="the most frequent values, of what is no number")]


Rows = Annotated[list[list[str | None]], Field(description="long cells are cut")]


class Preview(Answer):
    """What a dataset holds, as far as can be told by looking at its beginning."""

    kind: Literal["table", "image", "archive", "none"]
    why: Annotated[str | None, Field(description="there is none, or not of all")]
    format: Literal["csv", "json", "jsonl"] | None
    media_type: Annotated[str | None, Field(description="of an image")]
    encoding: str | None
    delimiter: str | None
    header: Annotated[bool | None, Field(description="is the first row the columns' names")]
    columns: list[Column]
    rows: Rows
    rows_read: Annotated[int, Field(description="that the statistics are about")]
    complete: Annotated[bool, Field(description="was all of it read")]
    names: Annotated[list[str], Field(description="the first files in an archive")]
    names_total: int
    next: Next


class RowPage(Answer):
    items: Rows
    next: Next
