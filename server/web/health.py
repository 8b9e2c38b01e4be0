"""Is it up, is it usable, and what does it count: for load balancers and Prometheus."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import gevent
from flask import Blueprint, Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import CollectorRegistry

from server import telemetry
from server.domain.errors import BytemeError, Unavailable
from server.web.metrics import Collector

log = logging.getLogger(__name__)

CHECK_TIMEOUT_S = 5.0
REUSE_S = 2.0  # anybody may ask: an answer is good for this long
Check = Callable[[], dict[str, Any]]


class Readiness:
    """Checks what the platform can't work without; an answer is kept for `REUSE_S` seconds."""

    def __init__(self, checks: dict[str, Check], clock: Callable[[], float] = time.monotonic) -> None:
        self._checks = checks
        self._clock = clock
        self._answer: dict[str, Any] = {}
        self._good_until = 0.0
        self._lock = threading.Lock()

    def answer(self) -> dict[str, Any]:
        """{status: ready | unavailable, checks: {name: {ok, ...facts, or error}}}."""
        with self._lock:
            if self._clock() >= self._good_until:
                checks = {name: _run(name, check) for name, check in self._checks.items()}
                ready = all(check["ok"] for check in checks.values())
                self._answer = {"status": "ready" if ready else "unavailable", "checks": checks}
                self._good_until = self._clock() + REUSE_S
            return self._answer


def _run(name: str, check: Check) -> dict[str, Any]:
    try:
        with gevent.Timeout(CHECK_TIMEOUT_S, Unavailable(f"no answer within {CHECK_TIMEOUT_S:g} s")):
            return {**check(), "ok": True}
    except BytemeError as error:
        return {"ok": False, "error": error.message}
    except Exception:
        log.exception("the check of %s failed", name)
        return {"ok": False, "error": "failed; the log says why"}


def register(app: Flask, services: Any) -> None:
    """GET /healthz (the process answers), /readyz (503 unless all it needs is usable), /metrics."""
    at_scrape = CollectorRegistry()
    at_scrape.register(Collector(services))
    readiness = Readiness(
        {
            "database": lambda: _database(services.db),
            "engine": lambda: _facts(services.engine.check()),
            "image": lambda: _image(services.engine),
        }
    )

    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return jsonify({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        answer = readiness.answer()
        return jsonify(answer), 200 if answer["status"] == "ready" else 503

    @routes.get("/metrics")
    def metrics() -> Response:
        text = generate_latest(telemetry.REGISTRY) + generate_latest(at_scrape)
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    app.register_blueprint(routes)


def _database(db: Any) -> dict[str, Any]:
    db.check()
    return {"kind": db.engine.dialect.name}


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    """What the engine says of itself, as far as JSON can hold it and anybody may know."""
    plain = {name: value for name, value in facts.items() if isinstance(value, str | int | float | bool | None)}
    return {name: value for name, value in plain.items() if name != "version"}


def _image(engine: Any) -> dict[str, Any]:
    image = engine.resolve(None)
    return {"ref": image.ref, "digest": image.digest}
