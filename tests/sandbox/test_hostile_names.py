"""Names that programs and requests choose: what arrives is what was meant, and nothing else is believed."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from client import Client, Figure, Invalid
from tests.sandbox.hostile.catalogue import Program, programs
from tests.server_process import ServerProcess, finished

MIB = 1 << 20
PROGRAMS: Mapping[str, Program] = {program.name: program for program in programs()}
PRINTS = {"main.py": "print(1)"}
REFUSED: Mapping[str, dict[str, Any]] = {
    "a variable of the platform's": {"env": {"BYTEME_EVENTS": "@mine"}},
    "a variable with a sign in its name": {"env": {"A=B": "x"}},
    "a variable without a name": {"env": {"": "x"}},
    "a variable with NUL": {"env": {"A": "x\0y"}},
    "an argument with NUL": {"args": ["x\0y"]},
    "a file above": {"files": {"../main.py": ""}},
    "a file from the root": {"files": {"/etc/passwd": ""}},
    "a file with a backslash": {"files": {"..\\main.py": ""}},
    "a file with a line's end": {"files": {"a\nb": ""}},
    "a file in the place of a dataset": {"files": {**PRINTS, "data/train.csv": ""}},
    "a file in the place of the outputs": {"files": {**PRINTS, "outputs": ""}},
    "a file that is a folder too": {"files": {**PRINTS, "a": "", "a/b": ""}},
    "a name of 256 bytes": {"files": {**PRINTS, "n" * 256: ""}},
    "an entry point above": {"entrypoint": "../main.py"},
    "a dataset's name that leads away": {"datasets": [{"id": "0" * 32, "name": ".."}]},
    "somebody's dataset": {"datasets": [{"id": "0" * 32, "name": "train.csv"}]},
    "privilege": {"privileged": True},
    "a runtime": {"runtime": "runc"},
    "a mount": {"mounts": ["/:/host"]},
    "less than nothing": {"limits": {"memory_mb": -1}},
    "no number": {"limits": {"cpus": "2"}},
    "no limit": {"limits": {"pids": 0}},
    "more than the quota": {"limits": {"timeout_s": 1 << 29}},
    "the network": {"network": "egress"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_request_must_not_hold_is_refused(server: ServerProcess, what: str) -> None:
    with pytest.raises(Invalid):
        server.tenant().submit({"files": PRINTS, **REFUSED[what]})


def run(tenant: Client, name: str) -> Mapping[str, Any]:
    return finished(tenant, tenant.submit(PROGRAMS[name].request).id)


def test_every_name_of_an_artifact_arrives_and_unpacks_below_its_folder_on_every_system(server: ServerProcess) -> None:
    tenant = server.tenant()
    ended = run(tenant, "artifacts/odd_names")
    found = tenant.artifacts(ended["id"])
    assert len(found) == 42
    base, headers = f"/api/v1/runs/{ended['id']}", {"Authorization": f"Bearer {server.token(tenant)}"}
    contents = set()
    for artifact in found:
        path = f"{base}/artifacts/{quote(artifact.path, safe='')}"
        answer = httpx.get(httpx.URL(server.url).copy_with(raw_path=path.encode()), headers=headers)
        assert answer.status_code == 200, artifact.path
        assert len(answer.headers.get_list("content-disposition")) == 1
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "set-cookie" not in answer.headers
        contents.add(answer.text)
    assert contents == {str(number) for number in range(len(found))}
    whole = httpx.get(f"{server.url}{base}/artifacts.zip", headers=headers)
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(found)
    for name in names:
        assert not set(name) & set('\\:*?"<>|')
        assert ".." not in PureWindowsPath(name).parts


def test_metrics_are_told_under_the_names_that_they_were_given(server: ServerProcess) -> None:
    tenant = server.tenant()
    ended = run(tenant, "events/odd_metrics")
    headers = {"Authorization": f"Bearer {server.token(tenant)}"}
    answer = httpx.get(f"{server.url}/api/v1/runs/{ended['id']}/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("application/json")
    names = [item["name"] for item in answer.json()["items"]]
    assert names[:3] == ["<img src=x onerror=alert(1)>", "\x1b[2Jred", "\u202eevil"]
    assert len(names) == 10


def test_figures_of_the_largest_size_reach_who_follows_and_larger_ones_nobody(server: ServerProcess) -> None:
    with server.tenant().launch(PROGRAMS["events/large_figures"].request) as live:
        figures = [event for event in live if isinstance(event, Figure)]
    assert [(figure.media_type, len(figure.data) > 4 * MIB - 100) for figure in figures] == [("image/png", True)] * 3
