"""Multipart uploads read as a stream: nothing is buffered beyond one piece."""

from collections.abc import Iterator

from flask import Request
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

from server.domain.errors import Invalid
from server.turns import give_way

_PIECE = 1 << 16
_MAX_PARTS = 8
_FIELD_BYTES = 4096


class MultipartUpload:
    """One file part and some short text fields of a multipart/form-data request, in whatever order they come."""

    def __init__(self, request: Request, file_field: str) -> None:
        boundary = request.mimetype_params.get("boundary")
        if request.mimetype != "multipart/form-data" or not boundary:
            raise Invalid.of(file_field, "send a multipart/form-data body with this file")
        self._file_field = file_field
        self._stream = request.stream
        self._decoder = MultipartDecoder(boundary.encode(), max_form_memory_size=4 * _PIECE, max_parts=_MAX_PARTS)
        self.fields: dict[str, str] = {}
        self.filename: str | None = None

    def data(self) -> Iterator[bytes]:
        """The file's content; read it to its end, then `fields` and `filename` are complete.

        Raises Invalid without such a file, BadRequest when the body is cut or malformed.
        """
        part: Field | File | None = None
        for event in self._events():
            if isinstance(event, Field | File):
                part = event
                self._begin(event)
            elif isinstance(event, Data) and isinstance(part, File):
                yield event.data
            elif isinstance(event, Data) and part is not None:
                self._collect(part.name, event.data)
        if self.filename is None:
            raise Invalid.of(self._file_field, "is required")

    def _begin(self, part: Field | File) -> None:
        if isinstance(part, Field):
            self.fields[part.name] = ""
        elif part.name != self._file_field or self.filename is not None:
            raise Invalid.of(part.name or "body", "there must be one file, in the field " + self._file_field)
        else:
            self.filename = part.filename

    def _collect(self, name: str, data: bytes) -> None:
        self.fields[name] += data.decode("utf-8", "replace")
        if len(self.fields[name]) > _FIELD_BYTES:
            raise Invalid.of(name, "is too long")

    def _events(self) -> Iterator[Event]:
        try:
            event: Event = NeedData()
            while not isinstance(event, Epilogue):
                event = self._decoder.next_event()
                if isinstance(event, NeedData):
                    give_way()  # a fast sender must not keep the loop from everybody else
                    self._decoder.receive_data(self._stream.read(_PIECE) or None)
                else:
                    yield event
        except (ValueError, UnicodeDecodeError) as error:
            raise BadRequest("The multipart body is malformed or was cut off.") from error
