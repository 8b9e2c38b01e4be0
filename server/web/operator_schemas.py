"""The shapes of what operators ask for."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from server.domain.policy import Role
from server.web.schemas import Body, PageQuery
from server.web.text import Moment, Text, storable


def _quota_value(value: object) -> object:
    """A number, or a list of texts; the quota knows which it wants."""
    parts = value if isinstance(value, list) else []
    if any(not isinstance(part, str) or len(part) > 255 for part in parts):
        raise ValueError("must be a list of texts")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_endless = isinstance(value, float) and not math.isfinite(value)
    if is_endless or not (is_number or isinstance(value, list)):
        raise ValueError("must be a number, or a list where the quota is one")
    return value


_QUOTA_VALUE = {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "string"}}]}
QuotaValue = Annotated[Any, AfterValidator(_quota_value), WithJsonSchema(_QUOTA_VALUE)]


class UserChange(Body):
    """What is not given stays as it is. `quota` holds what differs from the platform's."""

    role: Role = Role.USER
    disabled: Annotated[bool, Field(strict=True)] = False
    quota: dict[str, QuotaValue] = Field(default_factory=dict)


class NoticeChange(Body):
    """What every user is told, and whether runs start: while draining, new ones wait in the queue."""

    text: Annotated[Text, Field(max_length=500)] = ""
    draining: Annotated[bool, Field(strict=True)] = False


class UsersQuery(PageQuery):
    search: Annotated[str, Field(max_length=254, description="part of an email address"), AfterValidator(storable)] = ""


class AuditFilter(BaseModel):
    """What is not given does not matter."""

    actor: Annotated[str, Field(max_length=254, description="an id or an email"), AfterValidator(storable)] = ""
    verb: Annotated[str, Field(max_length=64, description="what it begins with"), AfterValidator(storable)] = ""
    thing: Annotated[str, Field(max_length=255, description="what was acted on"), AfterValidator(storable)] = ""
    since: Moment | None = None
    until: Annotated[Moment | None, Field(description="before this moment")] = None


class AuditQuery(PageQuery, AuditFilter):
    """A page of what the filter lets through."""


class QueueQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=200)] = 100
