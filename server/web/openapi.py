"""The OpenAPI document, made from the routes, and a page that shows it."""

import re
from typing import Any, cast

from apiflask import APIFlask
from flask import render_template
from markupsafe import Markup, escape

from server.web.answers import Problem
from server.web.text import ID_PATTERN

_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "ticket": {"type": "apiKey", "in": "query", "name": "ticket", "description": "from POST /tickets"},
}
Spec = dict[str, Any]
_REF = "#/components/schemas/"


def configure(app: APIFlask) -> None:
    """What APIFlask is to write of itself, and what is mended after."""
    app.config.update(
        AUTO_404_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_SERVERS=False,
        SECURITY_SCHEMES=_SECURITY,
        DESCRIPTION="Run machine-learning programs in throwaway containers. Errors are RFC 9457 problems.",
    )
    app.spec_callback = _mend
    app.add_url_rule("/api/docs", "docs", app.doc(hide=True)(lambda: _page(cast(Spec, app.spec))))


def _mend(spec: Any) -> Spec:
    """Bodies are required, and a model that others hold stands under its own name, once."""
    schemas = spec["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template=_REF + "Problem.{model}")
    schemas |= {f"Problem.{name}": nested for name, nested in schemas["Problem"].pop("$defs").items()}
    for name in ("Limits", "Quota"):  # answers hold all of their fields, though the classes have defaults
        for schema in (schema for key, schema in schemas.items() if _own_name(key) == name):
            schema["required"] = list(schema["properties"])
    for operation in _operations(spec):
        for parameter in operation["parameters"]:
            parameter["schema"] = _never_null(parameter["schema"])
            if parameter["in"] == "path" and parameter["name"].endswith("_id"):
                parameter["schema"]["pattern"] = ID_PATTERN
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
        for response in operation["responses"].values():
            if not response.get("content", True):
                del response["content"]
    spec["components"]["schemas"] = {_own_name(name): schemas[name] for name in sorted(schemas, key=_own_name)}
    mended: Spec = _renamed(spec)
    return mended


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not; there is no null in a URL."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    return {**{key: value for key, value in schema.items() if key not in {"anyOf", "default"}}, **options[0]}


def _operations(spec: Spec) -> list[dict[str, Any]]:
    return [operation for path in spec["paths"].values() for operation in path.values()]


def _own_name(name: str) -> str:
    return name.rpartition(".")[2]


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ref(item) if key == "$ref" else _renamed(item) for key, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _ref(ref: str) -> str:
    return _REF + _own_name(ref.removeprefix(_REF))


def _page(spec: Spec) -> str:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            entry = {"method": method.upper(), "path": path, "slug": operation["operationId"], **operation}
            groups.setdefault(operation["tags"][0], []).append(entry)
    return render_template("docs.html", spec=spec, groups=groups, type_name=type_name, ref=_link)


def _link(schema: dict[str, Any]) -> Markup:
    """The name of a schema, linked to its description where it has one."""
    name = type_name(schema)
    return Markup('<a href="#schema-{0}">{0}</a>').format(name) if "$ref" in schema else escape(name)


def type_name(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words, for the page."""
    if "$ref" in schema:
        return _own_name(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(type_name(option) for option in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {type_name(schema['additionalProperties'])}"
    return re.sub(r"^None$", "anything", str(schema.get("type")))
