"""Traces of runs for OpenTelemetry, where BYTEME_OTLP_ENDPOINT is set. Otherwise nothing of it is imported.

A run's spans are known already (domain/trace.py), over every restart of the server; when it has ended they are told
as one trace. The SDK sends them from a greenlet of its own; while the collector is away it keeps what fits into its
queue, and the rest is dropped.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import gevent

log = logging.getLogger(__name__)

PATH = "/v1/traces"
SEND_S = 10  # the longest that a collector may take for what it is sent
LAST_S = 2.0  # the longest that a stop of the server waits for it
_NS = 1_000_000


class Tracing(Protocol):
    def tell(
        self, created: datetime, spans: Sequence[Mapping[str, Any]], attributes: Mapping[str, Any], error: str | None
    ) -> None:
        """The spans of a run that has ended; `error` says why, where it failed. Never waits, never raises."""

    def close(self) -> None:
        """Sends what is left, within a moment."""


class NoTracing:
    """Nobody asked."""

    def tell(
        self, created: datetime, spans: Sequence[Mapping[str, Any]], attributes: Mapping[str, Any], error: str | None
    ) -> None:
        pass

    def close(self) -> None:
        pass


class OtlpTracing:
    """To an OpenTelemetry collector, by OTLP over HTTP. The SDK's own settings (OTEL_...) hold as well."""

    def __init__(self, endpoint: str, version: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": "byteme", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, timeout=SEND_S)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        self._tracer = self._provider.get_tracer("byteme")

    def tell(
        self, created: datetime, spans: Sequence[Mapping[str, Any]], attributes: Mapping[str, Any], error: str | None
    ) -> None:
        try:
            self._tell(created, spans, attributes, error)
        except Exception:
            log.exception("the trace of a run was not told")

    def close(self) -> None:
        with gevent.Timeout(LAST_S, False):
            self._provider.force_flush()

    def _tell(
        self, created: datetime, spans: Sequence[Mapping[str, Any]], attributes: Mapping[str, Any], error: str | None
    ) -> None:
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        origin = int(created.timestamp() * 1000) * _NS
        at: Callable[[float], int] = lambda ms: origin + int(ms * _NS)  # noqa: E731
        end = max((span["at_ms"] + span["ms"] for span in spans), default=0.0)
        root = self._tracer.start_span("run", start_time=origin, attributes=dict(attributes))
        inside = set_span_in_context(root)
        for span in spans:
            step = self._tracer.start_span(
                span["step"], inside, start_time=at(span["at_ms"]), attributes=dict(attributes)
            )
            step.end(at(span["at_ms"] + span["ms"]))
        if error:
            root.set_status(Status(StatusCode.ERROR, error))
        root.end(at(end))


def tracing(endpoint: str, version: str) -> Tracing:
    """Who is told the traces of runs."""
    return OtlpTracing(endpoint, version) if endpoint else NoTracing()
