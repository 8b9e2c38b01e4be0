"""What a run request may hold."""

import pytest
from pydantic import ValidationError

from server.domain.run import DatasetMount, Network
from server.web.errors import problem
from server.web.schemas import RunRequest

FILES = {"main.py": "print(1)"}
ID = "0" * 32


def parse(**request):
    return RunRequest.model_validate({"files": FILES, **request})


def fields(request):
    """The fields that are refused."""
    try:
        RunRequest.model_validate(request)
    except ValidationError as error:
        body = problem(error)
        assert body["status"] == 422
        return {entry["field"] for entry in body["errors"]}
    return set()


def test_the_least_request_takes_every_default():
    spec = parse().to_spec()
    assert (spec.files, spec.entrypoint, spec.args, spec.env, spec.datasets) == (FILES, None, (), {}, ())
    assert (spec.limits, spec.network, spec.image, spec.project) == ({}, Network.NONE, None, None)


def test_a_full_request_becomes_its_spec():
    spec = parse(
        entrypoint="main.py", args=["-x", ""], env={"A_1": "ü"}, datasets=[{"id": ID, "name": "t.csv"}],
        limits={"cpus": 2, "memory_mb": 64, "disk_mb": 16, "pids": 16, "timeout_s": 1, "gpus": 0}, network="none",
        image="team/ml:1.2@x", project=ID,
    ).to_spec()  # fmt: skip
    assert (spec.args, spec.env, spec.image, spec.project) == (("-x", ""), {"A_1": "ü"}, "team/ml:1.2@x", ID)
    assert spec.datasets == (DatasetMount(ID, "t.csv"),)
    assert spec.limits == {"cpus": 2.0, "memory_mb": 64, "disk_mb": 16, "pids": 16, "timeout_s": 1, "gpus": 0}


GOOD_PATHS = ["a", "a/b/c.py", ".hidden", "ü/☃.txt", "a b", "...", "outputs/seed.txt", "x" * 255, "a/" * 500 + "b"]
BAD_PATHS = [
    "", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/./b", "a/../b", "../a", "a\\b", "..\\a", "C:\\x", "a\0b", "a\nb",
    "\x7f", "x" * 256, "ü" * 128, "a/" * 520 + "b", "data", "outputs", "data/x.csv", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("path", GOOD_PATHS)
def test_a_relative_path_is_taken(path):
    assert fields({"files": {path: ""}}) == set()


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_that_could_lead_astray_is_refused(path):
    refused = fields({"files": {path: ""}})
    assert len(refused) == 1
    assert next(iter(refused)).startswith("files")


@pytest.mark.parametrize("files", [{"a": "", "a/b": ""}, {"a/b/c": "", "a/b": ""}, {"x/y": "", "x": ""}])
def test_a_path_is_not_both_file_and_folder(files):
    assert fields({"files": files}) == {"files"}


def test_at_most_2000_files():
    assert fields({"files": {f"{n}.py": "" for n in range(2000)}}) == set()
    assert fields({"files": {f"{n}.py": "" for n in range(2001)}}) == {"files"}


BAD_LIMITS = {
    "cpus": [0, 0.09, -1, float("nan"), float("inf"), True, "1", [], 1e300],
    "memory_mb": [0, 63, -1, 64.5, True, "64", 1 << 40, 10**30],
    "disk_mb": [0, 15, True],
    "pids": [0, 15, -1, False],
    "timeout_s": [0, -1, 0.5, True, "60", 1e18],
    "gpus": [-1, 0.5, True],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD_LIMITS.items() for value in values])
def test_a_limit_that_is_no_sane_number_is_refused_by_name(name, value):
    assert fields({"files": FILES, "limits": {name: value}}) == {f"limits.{name}"}


BAD = [
    ({"args": ["x"] * 257}, "args"),
    ({"args": "x"}, "args"),
    ({"args": [1]}, "args.0"),
    ({"args": ["a\0b"]}, "args.0"),
    ({"args": ["x" * 40_000]}, "args.0"),
    ({"args": ["x" * 30_000] * 5}, "args"),
    ({"env": {"1A": ""}}, "env"),
    ({"env": {"A-B": ""}}, "env"),
    ({"env": {"": ""}}, "env"),
    ({"env": {"A=B": ""}}, "env"),
    ({"env": {"BYTEME_OUTPUT_DIR": "/"}}, "env"),
    ({"env": {"A": "x" * 70_000}}, "env"),
    ({"env": {"A": "x\0"}}, "env.A"),
    ({"env": {"A": 1}}, "env.A"),
    ({"datasets": [{"id": ID, "name": "../x"}]}, "datasets.0.name"),
    ({"datasets": [{"id": ID, "name": ".."}]}, "datasets.0.name"),
    ({"datasets": [{"id": ID, "name": ""}]}, "datasets.0.name"),
    ({"datasets": [{"id": ID, "name": "a b"}]}, "datasets.0.name"),
    ({"datasets": [{"id": ID, "name": "a\n"}]}, "datasets.0.name"),
    ({"datasets": [{"id": "x", "name": "a"}]}, "datasets.0.id"),
    ({"datasets": [{"id": ID, "name": "a"}, {"id": ID, "name": "a"}]}, "datasets"),
    ({"datasets": [{"id": ID, "name": "a", "path": "/"}]}, "datasets.0.path"),
    ({"network": "host"}, "network"),
    ({"image": "-x"}, "image"),
    ({"image": "a b"}, "image"),
    ({"image": "x\n"}, "image"),
    ({"image": "x" * 256}, "image"),
    ({"project": "../x"}, "project"),
    ({"entrypoint": "../main.py"}, "entrypoint"),
    ({"entrypoint": ""}, "entrypoint"),
    ({"privileged": True}, "privileged"),
    ({"runtime": "runc"}, "runtime"),
    ({"limits": {"memory": 1}}, "limits.memory"),
    ({"files": None}, "files"),
    ({"files": []}, "files"),
]


@pytest.mark.parametrize(("more", "field"), BAD)
def test_what_does_not_validate_is_refused_by_name(more, field):
    assert fields({"files": FILES, **more}) == {field}


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "PATH", "_", "a1"])
def test_the_programs_own_environment_is_its_own_affair(name):
    assert parse(env={name: "x"}).to_spec().env == {name: "x"}


def test_the_rest_of_a_request_is_null_or_absent_alike():
    absent = dict.fromkeys(("entrypoint", "image", "project"))
    assert parse(**absent, limits={"cpus": None}).to_spec() == parse().to_spec()


def test_a_project_stands_in_the_place_of_files():
    assert RunRequest.model_validate({"project": ID}).to_spec().files == {}
