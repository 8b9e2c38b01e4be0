"""Routes as data: a decorator says who may call, what comes in and goes out and what may go wrong; `mount` makes it so.

The handlers of one noun are the methods of one class, which is given the services it needs. A handler gets what its
route declares, by name: `actor` or `token`, `body`, `query`, `headers`, and the parts of the path.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, TypeVar

from apiflask import APIFlask
from flask import request
from pydantic import BaseModel

from server.domain.errors import Invalid
from server.domain.policy import Keys, Rule, require_scope
from server.web.auth import Guard, bearer_token
from server.web.errors import MEDIA_TYPE, phrase
from server.web.limits import Limits, Rate

PREFIX = "/api/v1"
PUBLIC_BODY_BYTES = 64 << 10
Handler = TypeVar("Handler", bound=Callable[..., Any])


class Access(Enum):
    PUBLIC = "public"
    USER = "access token or API key"
    DOWNLOAD = "access token, API key or ticket"
    REFRESH = "refresh token"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API. `scope` says which API keys may call it: none, unless it does. `problems` are the
    statuses that do not follow from the rest."""

    method: str
    rule: str
    access: Access = Access.USER
    scope: Rule | None = None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    upload: Mapping[str, Any] | None = None
    answer: type[BaseModel] | None = None
    content: str | None = None  # the media type of an answer that is not JSON
    ranges: bool = True  # whether a part of such an answer can be asked for
    status: int = 200
    problems: tuple[int, ...] = ()
    rates: tuple[Rate, ...] = ()

    def possible_problems(self) -> list[int]:
        """The statuses of all problems that it may be answered with."""
        found = {503, *self.problems}
        found |= {401} if self.access is not Access.PUBLIC else set()
        found |= {403} if self.access in {Access.USER, Access.DOWNLOAD} and self.scope is not Keys.ANY else set()
        found |= {404} if "<" in self.rule else set()
        found |= {422} if self.body or self.query or self.headers else set()
        found |= {400, 413} if self.body or self.upload else set()
        found |= {429} if self.rates else set()
        found |= {416} if self.content and self.ranges else set()
        return sorted(found)


def route(method: str, rule: str, **options: Any) -> Callable[[Handler], Handler]:
    """Declares a method of a routes class as the handler of `method rule` (below /api/v1)."""

    def declare(handler: Handler) -> Handler:
        handler.route = Route(method, rule, **options)  # type: ignore[attr-defined]
        return handler

    return declare


def mount(app: APIFlask, routes: object, guard: Guard, limits: Limits) -> None:
    """Adds every route that the methods of `routes` declare."""
    for name, handler in inspect.getmembers(routes, inspect.ismethod):
        if spec := getattr(handler, "route", None):
            _add(app, f"{type(routes).__name__}.{name}", handler, spec, guard, limits)


def _add(app: APIFlask, name: str, handler: Callable[..., Any], spec: Route, guard: Guard, limits: Limits) -> None:
    view = _named(_checked(app, handler, spec), name, handler.__doc__)
    view = _named(_authenticated(view, spec, guard), name, handler.__doc__)
    view = limits.apply(_documented(app, view, spec, name), spec.rates)
    view = _bounded(view) if spec.access is Access.PUBLIC else view
    app.add_url_rule(PREFIX + spec.rule, endpoint=name.replace(".", ":"), view_func=view, methods=[spec.method])


def _checked(app: APIFlask, handler: Callable[..., Any], spec: Route) -> Callable[..., Any]:
    """The handler as a view whose input and output APIFlask checks against the route's models."""

    def view(**values: Any) -> Any:
        return handler(**values)

    checked: Callable[..., Any] = view
    if spec.body:
        checked = _not_null(app.input(spec.body, arg_name="body")(checked))
    if spec.query:
        checked = app.input(spec.query, location="query", arg_name="query")(checked)
    if spec.headers:
        checked = app.input(spec.headers, location="headers", arg_name="headers")(checked)
    if spec.answer:
        checked = app.output(spec.answer, spec.status, description=HTTPStatus(spec.status).phrase)(checked)
    return checked


def _not_null(view: Callable[..., Any]) -> Callable[..., Any]:
    """APIFlask takes null for an object without fields, which some bodies may be."""

    def outer(**values: Any) -> Any:
        if request.get_json(force=True) is None:
            raise Invalid.of("body", "must be an object")
        return view(**values)

    outer.__dict__.update(view.__dict__)
    return outer


def _authenticated(view: Callable[..., Any], spec: Route, guard: Guard) -> Callable[..., Any]:
    """Credentials are checked before anything else about a request."""

    def outer(**values: Any) -> Any:
        if spec.access is Access.REFRESH:
            values["token"] = bearer_token()
        elif spec.access is not Access.PUBLIC:
            values["actor"] = actor = guard.actor(tickets=spec.access is Access.DOWNLOAD)
            require_scope(actor, spec.scope or Keys.NEVER)
        return view(**values)

    outer.__dict__.update(view.__dict__)
    return outer


def _bounded(view: Callable[..., Any]) -> Callable[..., Any]:
    """Nobody unknown has much to say: else one request of theirs could fill the memory, before any rate is counted."""

    def outer(**values: Any) -> Any:
        request.max_content_length = PUBLIC_BODY_BYTES
        return view(**values)

    outer.__dict__.update(view.__dict__)
    return _named(outer, view.__name__, view.__doc__)


def _named(view: Callable[..., Any], name: str, doc: str | None) -> Callable[..., Any]:
    view.__name__, view.__qualname__, view.__doc__ = name, name, doc
    return view


def _documented(app: APIFlask, view: Callable[..., Any], spec: Route, name: str) -> Callable[..., Any]:
    group, _, verb = name.partition(".")
    responses: dict[int, Any] = {status: _problem_response(status) for status in spec.possible_problems()}
    if spec.content:
        responses[200] = _bytes_response(spec.content, 200)
        if spec.ranges:
            responses |= {206: _bytes_response(spec.content, 206), 304: {"description": HTTPStatus(304).phrase}}
    elif spec.answer is None:
        responses[spec.status] = {"description": HTTPStatus(spec.status).phrase}
    documented: Callable[..., Any] = app.doc(
        tags=[group.removesuffix("Routes")],
        operation_id=f"{verb}_{group.removesuffix('Routes').lower()}",
        responses=responses,
        security=_security(spec.access),
        extensions={"requestBody": spec.upload} if spec.upload else None,
    )(view)
    return documented


def _security(access: Access) -> Any:
    if access is Access.PUBLIC:
        return None
    return ["bearer", "ticket"] if access is Access.DOWNLOAD else ["bearer"]


def _problem_response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": phrase(status), "content": {MEDIA_TYPE: {"schema": schema}}}


def _bytes_response(media_type: str, status: int) -> dict[str, Any]:
    schema = {"type": "string", "format": "binary"}
    return {"description": HTTPStatus(status).phrase, "content": {media_type: {"schema": schema}}}
