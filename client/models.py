"""What the server answers, as frozen values. Fields the server adds later are kept in `raw` and otherwise ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

__all__ = ["TERMINAL_STATES", "ApiKey", "Artifact", "Dataset", "Run", "Secret", "Template", "Tokens", "User"]

TERMINAL_STATES = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True)
class Tokens:
    """A pair of tokens; an empty `refresh` means the pair cannot be renewed."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)


@dataclass(frozen=True)
class _Resource:
    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        return cls(**{**known, "raw": dict(data)})


@dataclass(frozen=True)
class User(_Resource):
    id: str
    email: str = ""
    role: str = ""
    quota: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Run(_Resource):
    """Times are RFC 3339 UTC; `reason` says why a run failed, `message` says it to a person."""

    id: str
    state: str
    reason: str | None = None
    exit_code: int | None = None
    message: str | None = None
    entrypoint: str | None = None
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    queue_position: int | None = None
    queue_wait_s: int | None = None
    usage: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None
    artifacts: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def finished(self) -> bool:
        return self.state in TERMINAL_STATES


@dataclass(frozen=True)
class ApiKey(_Resource):
    """`key` is what to send; the server tells it once, to who made it."""

    id: str
    name: str = ""
    scopes: tuple[str, ...] = ()
    created_at: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None
    key: str = field(default="", repr=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Artifact(_Resource):
    path: str
    bytes: int
    sha256: str
    media_type: str = "application/octet-stream"
    created_at: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Dataset(_Resource):
    id: str
    name: str
    bytes: int = 0
    sha256: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Secret(_Resource):
    """Its value is told to programs only."""

    name: str
    updated_at: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class Template(_Resource):
    name: str
    title: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    entrypoint: str = "main.py"
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
