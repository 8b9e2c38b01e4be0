"""Datasets."""

from typing import Any

from flask import Response, request
from pydantic import TypeAdapter, ValidationError

from server.domain.errors import Invalid
from server.domain.policy import Actor, Scope
from server.services.datasets import Datasets, Upload
from server.web import dataset_answers as answers
from server.web import dataset_schemas as schemas
from server.web.downloads import Content, send
from server.web.limits import By, Rate
from server.web.routing import PREFIX, Access, route
from server.web.schemas import PageQuery
from server.web.uploads import MultipartUpload

_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "name": TypeAdapter(schemas.DatasetName).json_schema() | {"description": "default: the file's"},
                    "file": {"type": "string", "format": "binary"},
                },
            }
        }
    },
}
_NAME = TypeAdapter(schemas.DatasetName)
_OVERHEAD = 1 << 20  # of the multipart format and the fields


class DatasetRoutes:
    def __init__(self, datasets: Datasets, max_bytes: int) -> None:
        self._datasets = datasets
        self._max_bytes = max_bytes

    @route(
        "POST", "/datasets", scope=Scope.DATASETS_WRITE, upload=_BODY, answer=answers.Dataset, status=201,
        problems=(422, 429), rates=(Rate("120/minute", By.USER),),
    )  # fmt: skip
    def create(self, actor: Actor) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Upload a dataset"""
        request.max_content_length = self._max_bytes + _OVERHEAD
        upload = MultipartUpload(request, "file")
        dataset = self._datasets.create(actor, Upload(upload.data(), lambda: _name(upload)))
        return dataset, 201, {"Location": f"{PREFIX}/datasets/{dataset['id']}"}

    @route("GET", "/datasets", scope=Scope.DATASETS_READ, query=schemas.DatasetsQuery, answer=answers.DatasetPage)
    def list(self, actor: Actor, query: schemas.DatasetsQuery) -> dict[str, Any]:
        """List your datasets, each in its newest version, newest first"""
        items, following = self._datasets.page(actor, limit=query.limit, cursor=query.cursor, search=query.search)
        return {"items": items, "next": following}

    @route("GET", "/datasets/<dataset_id>", scope=Scope.DATASETS_READ, answer=answers.Dataset)
    def get(self, actor: Actor, dataset_id: str) -> dict[str, Any]:
        """Show a dataset"""
        return self._datasets.get(actor, dataset_id)

    @route(
        "GET",
        "/datasets/<dataset_id>/content",
        scope=Scope.DATASETS_READ,
        access=Access.DOWNLOAD,
        content="application/octet-stream",
    )
    def content(self, actor: Actor, dataset_id: str) -> Response:
        """Download a dataset"""
        dataset = self._datasets.get(actor, dataset_id)
        return send(
            Content(
                length=dataset["bytes"],
                read=lambda start, end: self._datasets.content(dataset_id, start, end),
                filename=dataset["name"],
                etag=dataset["sha256"],
            )
        )

    @route(
        "GET", "/datasets/<dataset_id>/versions", scope=Scope.DATASETS_READ, query=PageQuery,
        answer=answers.DatasetPage,
    )  # fmt: skip
    def versions(self, actor: Actor, dataset_id: str, query: PageQuery) -> dict[str, Any]:
        """List the versions of a dataset, newest first; any of them names it"""
        items, following = self._datasets.versions(actor, dataset_id, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route("GET", "/datasets/<dataset_id>/runs", scope=Scope.RUNS_READ, query=PageQuery, answer=answers.DatasetRunPage)
    def runs(self, actor: Actor, dataset_id: str, query: PageQuery) -> dict[str, Any]:
        """List the runs that were given this version, newest first"""
        items, following = self._datasets.runs(actor, dataset_id, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "DELETE", "/datasets/<dataset_id>", scope=Scope.DATASETS_WRITE, query=schemas.DeletionQuery, status=204,
        problems=(409,),
    )  # fmt: skip
    def delete(self, actor: Actor, dataset_id: str, query: schemas.DeletionQuery) -> tuple[str, int]:
        """Delete a version of a dataset, or all of them, if no live run uses what is to go"""
        self._datasets.delete(actor, dataset_id, all_versions=query.all_versions)
        return "", 204


def _name(upload: MultipartUpload) -> str:
    """The name that was given, or the last part of the file's own."""
    own = (upload.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    try:
        return _NAME.validate_python(upload.fields.get("name", own))
    except ValidationError as error:
        raise Invalid.of("name", error.errors()[0]["msg"].removeprefix("Value error, ")) from None
