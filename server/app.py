"""The application factory: routes, sockets, errors and limits around the services that wiring made."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from apiflask import APIFlask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from server import settings, telemetry
from server.web import errors, headers, health, openapi, sockets, static, tus
from server.web.accounts import AccountRoutes
from server.web.artifacts import ArtifactRoutes
from server.web.auth import Guard
from server.web.datasets import DatasetRoutes
from server.web.guesses import Guesses
from server.web.images import ImageRoutes
from server.web.keys import KeyRoutes
from server.web.limits import Limits
from server.web.operators import OperatorRoutes, PlatformRoutes
from server.web.previews import PreviewRoutes
from server.web.projects import ProjectRoutes
from server.web.results import ResultRoutes
from server.web.routing import PREFIX, mount
from server.web.runs import RunRoutes
from server.web.secrets import SecretRoutes
from server.web.shared import SharedRoutes
from server.web.templates import TemplateRoutes
from server.web.tus import UploadRoutes

if TYPE_CHECKING:
    from flask_socketio import SocketIO

    from server.wiring import Services

# The services that routes are given.
_ROUTED = (
    "clock", "accounts", "keys", "secrets", "runs", "history", "records", "shares", "projects", "datasets", "uploads",
    "previews", "templates", "operators", "trail", "board", "notices", "images",
)  # fmt: skip
DIST = Path(__file__).resolve().parent.parent / "frontend" / "dist"


class Anything(BaseConverter):
    """The rest of a path, whatever is in it: an artifact's name may hold line breaks and slashes."""

    regex = r"[\s\S]+"
    part_isolating = False


class Json(DefaultJSONProvider):
    """JSON that answers nesting too deep for the parser like any other that can't be read."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def create_app(services: "Services", dist: Path = DIST) -> "tuple[APIFlask, SocketIO]":
    """The WSGI application and its Socket.IO server. `dist` is the built front end."""
    telemetry.configure(services.settings.log_level)
    app = _api(services)
    app.config["MAX_CONTENT_LENGTH"] = services.settings.max_body_mb << 20
    headers.register(app)
    health.register(app, services)
    static.register(app, dist)
    socketio = sockets.register(app, services)
    if proxies := services.settings.trusted_proxies:  # outermost: what they say counts for the sockets too
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app, socketio


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the API. Needs no services: no route is called."""
    nothing: Any = SimpleNamespace(
        settings=settings.load({}, dotenv=None),
        **dict.fromkeys(_ROUTED),
    )
    app = _api(nothing)
    with app.app_context():
        document: dict[str, Any] = json.loads(json.dumps(app.spec))
    return document


def _api(services: "Services") -> APIFlask:
    """The REST API alone."""
    app = APIFlask(
        "server.web",
        title="ByteMe",
        version="1.0",
        spec_path=f"{PREFIX}/openapi.json",
        docs_path=None,
        json_errors=False,  # errors.py answers for all
        static_folder=None,  # type: ignore[arg-type]
        template_folder="html",
    )
    app.json = Json(app)
    app.url_map.converters["anything"] = Anything
    app.url_map.merge_slashes = False  # a path is what it says; nothing is redirected
    errors.register(app)
    openapi.configure(app)
    tus.register(app, services.settings.max_dataset_mb << 20)
    guard = Guard(services.accounts)
    limits = Limits(app, guard, enabled=services.settings.rate_limits == "on")
    for routes in _routes(services):
        mount(app, routes, guard, limits)
    return app


def _routes(services: "Services") -> list[object]:
    return [
        AccountRoutes(services.accounts, Guesses(services.clock, enabled=services.settings.rate_limits == "on")),
        KeyRoutes(services.keys),
        SecretRoutes(services.secrets),
        RunRoutes(services.runs),
        ArtifactRoutes(services.runs),
        ResultRoutes(services.history, services.records, services.shares),
        SharedRoutes(services.shares, services.runs, services.history),
        ProjectRoutes(services.projects),
        DatasetRoutes(services.datasets, services.settings.max_dataset_mb << 20),
        PreviewRoutes(services.previews),
        UploadRoutes(services.uploads),
        TemplateRoutes(services.templates),
        OperatorRoutes(services.operators, services.trail),
        PlatformRoutes(services.board, services.notices, services.runs),
        ImageRoutes(services.images),
    ]
