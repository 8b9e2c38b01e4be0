"""Projects and templates over REST."""

import pytest

from tests.integration.web import API

FILES = {"main.py": "print(1)", "lib/util.py": "x = 1"}


@pytest.fixture
def project(alice):
    return alice.post("/projects", {"name": "First", "files": FILES}).json


def change(tenant, project, body, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return tenant.call("PATCH", f"/projects/{project['id']}", json=body, headers=named)


def test_a_project_is_kept_as_it_was_sent(alice):
    response = alice.post("/projects", {"name": "Ü ☃", "files": FILES, "entrypoint": "lib/util.py"})
    project = response.json
    assert response.status_code == 201
    assert (project["name"], project["entrypoint"], project["files"]) == ("Ü ☃", "lib/util.py", FILES)
    assert (project["version"], response.headers["ETag"]) == (1, '"1"')
    assert response.headers["Location"] == f"{API}/projects/{project['id']}"
    read = alice.get(f"/projects/{project['id']}")
    assert (read.json, read.headers["ETag"]) == (project, '"1"')


def test_lists_leave_the_files_out(alice, project):
    items = alice.get("/projects").json["items"]
    assert items == [{name: value for name, value in project.items() if name != "files"}]


def test_what_a_change_does_not_name_stays(platform, alice, project):
    platform.clock.advance(1)
    changed = change(alice, project, {"name": "Second"}).json
    assert (changed["name"], changed["files"], changed["version"]) == ("Second", FILES, 2)
    assert changed["updated_at"] > project["updated_at"]
    changed = change(alice, project, {"files": {"main.py": "2"}}).json
    assert (changed["name"], changed["files"], changed["version"]) == ("Second", {"main.py": "2"}, 3)


def test_a_change_of_an_older_version_is_refused(alice, project):
    assert change(alice, project, {"name": "a"}, If_Match='"1"').headers["ETag"] == '"2"'
    response = change(alice, project, {"name": "b"}, If_Match='"1"')
    assert (response.status_code, response.json["type"]) == (412, "/problems/outdated")
    assert alice.get(f"/projects/{project['id']}").json["name"] == "a"
    assert change(alice, project, {"name": "b"}, If_Match='"2"').status_code == 200
    assert change(alice, project, {"name": "c"}, If_Match="*").status_code == 200


INVALID = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "a\0b"}, "name"),
    ({"name": None}, "name"),
    ({"files": {}}, "files"),
    ({"files": {"other.py": ""}}, "entrypoint"),
    ({"entrypoint": "absent.py"}, "entrypoint"),
    ({"files": {"main.py": "", "../x": ""}}, "files.../x"),
    ({"version": 9}, "version"),
    ({"user_id": "x"}, "user_id"),
]


def test_a_change_that_does_not_validate_names_its_field_and_changes_nothing(alice, project):
    for body, field in INVALID:
        response = change(alice, project, body)
        assert (response.status_code, response.json["errors"][0]["field"]) == (422, field), body
    assert alice.get(f"/projects/{project['id']}").json == project


def test_a_condition_that_is_no_version_is_refused(alice, project):
    response = change(alice, project, {"name": "x"}, If_Match='"abc"')
    assert (response.status_code, response.json["errors"][0]["field"]) == (422, "if_match")


def test_a_deleted_projects_runs_stay(alice, project):
    run = alice.post("/runs", {"project": project["id"]}).json["id"]
    assert alice.call("DELETE", f"/projects/{project['id']}").status_code == 204
    assert alice.get(f"/projects/{project['id']}").status_code == 404
    assert alice.get(f"/runs/{run}").json["project"] == project["id"]


def test_every_template_can_be_made_a_project_and_run(alice):
    templates = alice.get("/templates").json["items"]
    assert len(templates) >= 6
    for template in templates:
        assert template == alice.get(f"/templates/{template['name']}").json
        assert template["title"]
        assert template["summary"]
        files = template["files"]
        assert not {"verify", "template.yaml", "README.md"} & set(files)
        body = {"name": template["title"], "files": files, "entrypoint": template["entrypoint"]}
        project = alice.post("/projects", body)
        assert project.status_code == 201, project.text
        assert alice.post("/runs", {"project": project.json["id"]}).status_code == 201


def test_a_template_that_is_not_there(alice):
    for name in ("nothing", "..", ".", "%2e%2e%2fserver"):
        assert alice.get(f"/templates/{name}").status_code == 404
