"""The shapes of requests about datasets, uploads and previews."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from server.preview.options import Delimiter, Encoding
from server.web.schemas import Body, PageQuery
from server.web.text import Id, Text, storable

DatasetName = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"), AfterValidator(storable)
]


class DatasetsQuery(PageQuery):
    search: Annotated[Text | None, Field(max_length=200, description="part of the name")] = None


class DeletionQuery(BaseModel):
    all_versions: Annotated[bool, Field(description="and not only this one")] = False


class PreviewQuery(BaseModel):
    """How to read it; what is not given is guessed."""

    encoding: Encoding | None = None
    delimiter: Annotated[Delimiter | None, Field(description="between the cells of a table")] = None
    header: Annotated[bool | None, Field(description="is the first row the columns' names")] = None


class RowsQuery(PreviewQuery):
    cursor: Annotated[str | None, Field(pattern=r"^[0-9]{1,7}$", description="`next` of the rows before")] = None


class UploadMetadata(Body):
    """What `Upload-Metadata` may hold, decoded; other keys are passed over."""

    name: DatasetName
    dataset: Id | None = None
    fingerprint: Annotated[Text, Field(max_length=200)] = ""


_Version = Annotated[str | None, Field(description="1.0.0")]
_SIZE = r"^[0-9]{1,15}$"


class TusHeaders(BaseModel):
    tus_resumable: _Version = None


class CreationHeaders(TusHeaders):
    upload_length: Annotated[str, Field(pattern=_SIZE, description="bytes in all")]
    upload_metadata: Annotated[
        str,
        Field(
            max_length=4096,
            description="pairs of a key and a value in base64, comma-separated: `name` or `filename`; `dataset`, any "
            "version of the one that it is to be the next version of; `fingerprint`, what you know the file by",
        ),
    ] = ""


class PatchHeaders(TusHeaders):
    upload_offset: Annotated[str, Field(pattern=_SIZE, description="where the bytes begin")]
    upload_checksum: Annotated[
        str | None, Field(max_length=200, description="of these bytes: sha1 or sha256, a space, the digest in base64")
    ] = None
