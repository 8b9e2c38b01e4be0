"""Logs and metrics for every part of the server.

Logs are one JSON object a line on standard error. What `bound` binds (request_id, run_id, user_id) stands in every line
written in its context. Nothing that looks like a credential is ever written.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
RUNS_ENDED = Counter("byteme_runs_ended", "Runs that ended.", ["state", "reason"], registry=REGISTRY)
QUEUE_SECONDS = Histogram(
    "byteme_queue_seconds", "How long runs waited for their turn.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400), registry=REGISTRY,
)  # fmt: skip
START_SECONDS = Histogram(
    "byteme_start_seconds", "From a run's turn to its program's start, by whether its sandbox had waited.", ["warm"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60), registry=REGISTRY,
)  # fmt: skip
ARTIFACT_BYTES = Counter("byteme_artifact_bytes", "Bytes of artifacts stored.", registry=REGISTRY)
EXPIRED = Counter(
    "byteme_expired_runs", "Runs deleted for their age, or early for the disk.", ["why"], registry=REGISTRY
)
SWEEPS = Counter("byteme_sweep_actions", "What the sweep did, or failed to.", ["action"], registry=REGISTRY)
IMAGE = Gauge(
    "byteme_image_info", "The image that runs of an alias began on last.", ["alias", "ref", "digest"], registry=REGISTRY
)
OUTPUT_BYTES = Counter("byteme_output_bytes", "Bytes of output stored.", registry=REGISTRY)
ENGINE_SECONDS = Histogram("byteme_engine_seconds", "Calls of the container engine.", ["call"], registry=REGISTRY)
RUN_STEP_SECONDS = Histogram(
    "byteme_run_step_seconds", "The steps of a run, by whether its sandbox had waited for it.", ["step", "warm"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300), registry=REGISTRY,
)  # fmt: skip
HTTP_SECONDS = Histogram(
    "byteme_http_seconds", "HTTP requests, up to their headers.", ["method", "route", "status"], registry=REGISTRY
)
SIGN_INS = Counter("byteme_sign_ins", "Attempts to sign in.", ["password"], registry=REGISTRY)
SOCKETS = Gauge("byteme_sockets", "Socket.IO connections.", registry=REGISTRY)
WATCHES = Gauge("byteme_watches", "Runs being watched over Socket.IO.", registry=REGISTRY)

_SECRET_NAME = re.compile(r"password|token|secret|authorization|cookie|ticket|api_?key", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_URL_SECRET = re.compile(r"(?i)\b((?:ticket|token|password)=)[^\s&\"']+")
_LINK = re.compile(r"(/shared/)[A-Za-z0-9_-]{20,}")  # a run's, for whoever has it
_URL_USER = re.compile(r"(://[^\s/:@]*:)[^\s/@]+@")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_images: dict[str, tuple[str, str]] = {}
_bound: ContextVar[Mapping[str, str]] = ContextVar("byteme_log_fields", default={})  # noqa: B039  # never changed


def observe_steps(spans: Iterable[Mapping[str, Any]], *, warm: bool) -> None:
    """Counts the spans of a run (domain/trace.py)."""
    for span in spans:
        RUN_STEP_SECONDS.labels(span["step"], str(warm).lower()).observe(span["ms"] / 1000)


def note_image(alias: str, ref: str, digest: str) -> None:
    """The image that an alias means now, in place of the one it meant before."""
    if _images.get(alias) != (ref, digest):
        if before := _images.get(alias):
            IMAGE.remove(alias, *before)
        _images[alias] = (ref, digest)
        IMAGE.labels(alias, ref, digest).set(1)


@contextmanager
def bound(**fields: str | None) -> Iterator[None]:
    """Fields for every line logged inside the context."""
    token = _bound.set({**_bound.get(), **{name: value for name, value in fields.items() if value is not None}})
    try:
        yield
    finally:
        _bound.reset(token)


def bind(**fields: str) -> None:
    """Sets the fields of the present context (a request's greenlet), in place of those it had."""
    _bound.set(fields)


def bound_fields() -> Mapping[str, str]:
    """The fields in force."""
    return _bound.get()


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, the bound fields, and the record's own extra ones."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            **_bound.get(),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                line[name] = "[redacted]" if _SECRET_NAME.search(name) else value
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, default=lambda value: redact(repr(value)))


def redact(text: str) -> str:
    """`text` without tokens and passwords."""
    text = _LINK.sub(r"\1[redacted]", text)
    text = _URL_SECRET.sub(r"\1[redacted]", _JWT.sub("[redacted]", text))
    return _URL_USER.sub(r"\1[redacted]@", text)


def configure(level: str, stream: TextIO | None = None) -> None:
    """Sends all logs of `level` and above to `stream` (default: standard error), in place of whatever was set up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for chatty in ("engineio", "socketio", "urllib3", "docker"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
