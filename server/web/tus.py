"""Resumable uploads: the protocol tus 1.0.0 (tus.io/protocols/resumable-upload), its core and the extensions creation,
termination, checksum and expiration."""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from apiflask import APIFlask
from flask import Response, request
from pydantic import ValidationError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, PreconditionFailed, UnsupportedMediaType
from werkzeug.http import http_date

from server.domain.errors import Invalid, TooLarge
from server.domain.policy import Actor, Scope
from server.services.uploads import Checksum, NewUpload, Uploads
from server.turns import give_way
from server.web import dataset_answers as answers
from server.web import dataset_schemas as schemas
from server.web.errors import CHECKSUM_MISMATCH
from server.web.limits import By, Rate
from server.web.routing import PREFIX, route
from server.web.schemas import PageQuery

VERSION = "1.0.0"
ALGORITHMS = ("sha1", "sha256")
MEDIA_TYPE = "application/offset+octet-stream"
_PIECE = 1 << 16
_ROOT = f"{PREFIX}/uploads"
_BODY = {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
_WRONG_VERSION = f"Send the header Tus-Resumable: {VERSION}."


def register(app: APIFlask, max_bytes: int) -> None:
    """Every answer below /uploads names the protocol; OPTIONS tells what is offered."""
    offered = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,termination,checksum,expiration",
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": str(max_bytes),
    }

    @app.after_request
    def name_protocol(response: Response) -> Response:
        if request.path.startswith(_ROOT):
            response.headers["Tus-Resumable"] = VERSION
            if request.method == "OPTIONS" or response.status_code == 412:
                response.headers.extend(offered)
        return response


class UploadRoutes:
    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    @route(
        "POST", "/uploads", scope=Scope.DATASETS_WRITE, headers=schemas.CreationHeaders, answer=answers.Upload,
        status=201, problems=(412, 413), rates=(Rate("240/minute", By.USER),),
    )  # fmt: skip
    def create(self, actor: Actor, headers: schemas.CreationHeaders) -> tuple[dict[str, Any], int, Headers]:
        """Begin a resumable upload of a dataset

        The protocol is tus 1.0.0. The upload counts against your storage at once. When its last byte has come it is a
        dataset with the upload's id.
        """
        _check_version(headers)
        wanted = _metadata(headers.upload_metadata)
        new = NewUpload(wanted.name, int(headers.upload_length), wanted.dataset, wanted.fingerprint)
        upload = self._uploads.create(actor, new)
        told = _told(upload)
        told["Location"] = f"{_ROOT}/{upload['id']}"
        return upload, 201, told

    @route("GET", "/uploads", scope=Scope.DATASETS_READ, query=PageQuery, answer=answers.UploadPage)
    def list(self, actor: Actor, query: PageQuery) -> dict[str, Any]:
        """List your unfinished uploads, newest first"""
        items, following = self._uploads.page(actor, limit=query.limit, cursor=query.cursor)
        return {"items": items, "next": following}

    @route(
        "GET", "/uploads/<upload_id>", scope=Scope.DATASETS_READ, headers=schemas.TusHeaders, answer=answers.Upload,
        problems=(412,),
    )  # fmt: skip
    def get(self, actor: Actor, upload_id: str, headers: schemas.TusHeaders) -> tuple[dict[str, Any], int, Headers]:
        """Show how far an upload is

        With HEAD, as tus asks, a request that still writes to it is cut off: its offset stays what it is.
        """
        if request.method != "HEAD":
            upload = self._uploads.get(actor, upload_id)
        else:
            _check_version(headers)
            upload = self._uploads.resume(actor, upload_id)
        return upload, 200, _told(upload)

    @route(
        "PATCH", "/uploads/<upload_id>", scope=Scope.DATASETS_WRITE, headers=schemas.PatchHeaders, upload=_BODY,
        status=204, problems=(409, 412, 413, 415, CHECKSUM_MISMATCH), rates=(Rate("1200/minute", By.USER),),
    )  # fmt: skip
    def append(self, actor: Actor, upload_id: str, headers: schemas.PatchHeaders) -> tuple[str, int, Headers]:
        """Send the next bytes of an upload

        What has come before a cut is kept, unless it has an Upload-Checksum: then it is all or nothing.
        """
        _check_version(headers)
        upload = self._uploads.get(actor, upload_id)
        if request.mimetype != MEDIA_TYPE:
            raise UnsupportedMediaType(f"Send the bytes as {MEDIA_TYPE}.")
        checksum = _checksum(headers.upload_checksum)
        room = upload["bytes"] - upload["offset"]
        if (request.content_length or 0) > room:
            raise TooLarge("That is more than is left of the upload's length.")
        request.max_content_length = room + 1  # who reads to the end must not meet it
        upload = self._uploads.append(actor, upload_id, int(headers.upload_offset), _pieces(), checksum)
        return "", 204, _told(upload)

    @route(
        "DELETE", "/uploads/<upload_id>", scope=Scope.DATASETS_WRITE, headers=schemas.TusHeaders, status=204,
        problems=(412,),
    )  # fmt: skip
    def delete(self, actor: Actor, upload_id: str, headers: schemas.TusHeaders) -> tuple[str, int]:
        """Give up an unfinished upload"""
        _check_version(headers)
        self._uploads.delete(actor, upload_id)
        return "", 204


def _check_version(headers: schemas.TusHeaders) -> None:
    if headers.tus_resumable != VERSION:
        raise PreconditionFailed(_WRONG_VERSION)


def _told(upload: dict[str, Any]) -> Headers:
    headers = Headers({"Upload-Offset": str(upload["offset"]), "Upload-Length": str(upload["bytes"])})
    if upload["expires_at"]:
        headers["Upload-Expires"] = http_date(datetime.fromisoformat(upload["expires_at"]))
    return headers


def _pieces() -> Iterator[bytes]:
    """The request's body as it comes; a fast sender does not keep the loop from everybody else."""
    while piece := request.stream.read(_PIECE):
        yield piece
        give_way()


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _, digest = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest
    return Checksum(algorithm, digest.strip())


def _metadata(header: str) -> schemas.UploadMetadata:
    """Raises Invalid, naming the key."""
    pairs = dict(_pair(part) for part in header.split(",") if part.strip())
    own = pairs.get("filename", "").replace("\\", "/").rsplit("/", 1)[-1]
    known = {key: pairs[key] for key in ("dataset", "fingerprint") if pairs.get(key)}
    try:
        return schemas.UploadMetadata(name=pairs.get("name", own), **known)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Value error, ")
        raise Invalid.of(f"upload-metadata.{first['loc'][0]}", message) from None


def _pair(part: str) -> tuple[str, str]:
    key, _, value = part.strip().partition(" ")
    try:
        return key, base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Invalid.of("upload-metadata", f"the value of {key[:80]!r} is not base64 of UTF-8 text") from None
