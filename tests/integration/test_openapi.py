"""The API's description is whole, true to the routes, and kept in the repository for the front end."""

import json
import re
from pathlib import Path

import pytest

from server.app import openapi_document
from tests.integration.test_access import PROTECTED, PUBLIC
from tests.integration.web import API

KEPT = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"


@pytest.fixture(scope="module")
def document():
    return openapi_document()


def operations(document):
    return {
        f"{method.upper()} {path.removeprefix(API)}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def references(value):
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_the_kept_description_is_current(document):
    assert json.loads(KEPT.read_text()) == document, "byteme openapi > frontend/openapi.json"


def test_the_server_serves_it(platform, document):
    response = platform.http.get(f"{API}/openapi.json")
    assert (response.status_code, response.json) == (200, document)
    assert document["openapi"].startswith("3.1")


def test_every_route_is_described(document):
    described = set(operations(document))
    routes = (set(PROTECTED) | PUBLIC) - {"GET /openapi.json"}
    assert described == {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route) for route in routes}


def test_every_reference_leads_somewhere(document):
    names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= names
    assert len(references(document)) > 20


def test_operations_have_names_of_their_own(document):
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(ids)) == len(ids)


def test_bodies_are_required_and_errors_are_problems(document):
    for name, operation in operations(document).items():
        if name.split()[0] in {"POST", "PUT", "PATCH"} and "requestBody" in operation:
            assert operation["requestBody"]["required"] is True, name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], name


def test_what_a_route_needs_and_may_answer_is_described(document):
    described = operations(document)
    for name, operation in described.items():
        path = name.split(" ")[1]
        protected = not path.startswith("/auth/") or path == "/auth/logout" or path == "/auth/refresh"
        assert ("security" in operation) == protected, name
        assert ("401" in operation["responses"]) == (protected or path == "/auth/login"), name
        assert ("404" in operation["responses"]) == ("{" in path), name
        assert [p["required"] for p in operation["parameters"] if p["in"] == "path"] == [True] * path.count("{")
    assert set(described["POST /runs"]["responses"]) == {"201", "400", "401", "403", "409", "413", "422", "429", "503"}
    assert "409" in described["POST /runs/{run_id}/cancel"]["responses"]
    assert "413" in described["POST /datasets"]["responses"]


def test_answers_hold_what_their_schemas_require(platform, alice, document):
    """Every schema of an answer is closed: a field that is not described would fail in the handler."""
    run = alice.get(f"/runs/{alice.submit()}").json
    schema = document["components"]["schemas"]["Run"]
    assert set(run) == set(schema["required"]) == set(schema["properties"])
    assert set(run["limits"]) == set(document["components"]["schemas"]["Limits"]["required"])


def test_the_page_shows_every_operation_without_another_origin(platform, document):
    response = platform.http.get("/api/docs")
    page = response.text
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    for name in operations(document):
        assert name.split(" ")[1] in page
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page
