"""What a dataset holds, told by a program that may do nothing else."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from server.preview.options import READ
from tests.integration.test_datasets import upload

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
CSV = b"name,age,score,born,member\nAda,36,1.5,1815-12-10,true\nBob,,2.5,1999-01-01,false\nEve,41,NaN,2000-02-02,true\n"


def preview(tenant, data, name="d.csv", **query):
    dataset_id = upload(tenant, data, name).json["id"]
    response = tenant.get(f"/datasets/{dataset_id}/preview", query_string=query)
    assert response.status_code == 200, response.text
    return response.json


def test_a_table_is_told_by_its_columns_and_first_rows(alice):
    found = preview(alice, CSV)
    assert (found["kind"], found["format"], found["encoding"], found["delimiter"]) == ("table", "csv", "utf-8", ",")
    assert (found["header"], found["complete"], found["rows_read"], found["why"]) == (True, True, 3, None)
    columns = {column["name"]: column for column in found["columns"]}
    assert {name: column["type"] for name, column in columns.items()} == {
        "name": "text", "age": "integer", "score": "number", "born": "date", "member": "boolean",
    }  # fmt: skip
    assert (columns["age"]["min"], columns["age"]["max"], columns["age"]["mean"]) == (36, 41, 38.5)
    assert columns["age"]["nulls"] == pytest.approx(1 / 3, abs=1e-5)
    assert sum(part["count"] for part in columns["age"]["histogram"]) == 2
    assert (columns["born"]["min"], columns["born"]["max"]) == ("1815-12-10", "2000-02-02")
    assert columns["member"]["top"] == [{"value": "true", "count": 2}, {"value": "false", "count": 1}]
    assert found["rows"][0] == ["Ada", "36", "1.5", "1815-12-10", "true"]


def test_a_guess_is_corrected(alice):
    data = "größe;ä\n1;2\n".encode("cp1252")
    assert preview(alice, data)["columns"][0]["name"] == "größe"
    assert preview(alice, data)["encoding"] == "cp1252"
    wrong = preview(alice, data, delimiter="|", header="false", encoding="utf-8")
    assert (wrong["columns"][0]["name"], wrong["rows_read"]) == ("column 1", 2)
    assert "\ufffd" in wrong["rows"][0][0]
    assert preview(alice, "a,b\n1,2\n".encode("utf-16"))["rows"] == [["1", "2"]]


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("d.jsonl", b'{"a": 1, "b": "x"}\n{"a": 2, "c": [1, 2]}\n', "jsonl"),
        ("d", b'{"a": 1, "b": "x"}\n{"a": 2, "c": [1, 2]}\n', "jsonl"),
        ("d.json", b'[{"a": 1, "b": "x"},\n {"a": 2, "c": [1, 2]}]', "json"),
    ],
)
def test_objects_are_rows(alice, name, data, form):
    found = preview(alice, data, name)
    assert found["format"] == form
    assert [column["name"] for column in found["columns"]] == ["a", "b", "c"]
    assert found["rows"] == [["1", "x", None], ["2", None, "[1, 2]"]]
    assert found["columns"][0]["type"] == "integer"


def test_rows_are_read_page_by_page(alice):
    data = b"n\n" + b"".join(b"%d\n" % n for n in range(250))
    dataset_id = upload(alice, data).json["id"]
    first = alice.get(f"/datasets/{dataset_id}/preview").json
    rows, cursor = first["rows"], first["next"]
    while cursor:
        page = alice.get(f"/datasets/{dataset_id}/rows?cursor={cursor}").json
        rows, cursor = rows + page["items"], page["next"]
    assert rows == [[str(n)] for n in range(250)]


def test_of_a_large_file_the_beginning_is_read_and_that_is_said(alice):
    line = b"1,2,3,4\n"
    found = preview(alice, line * (READ // len(line) + 1000))
    assert (found["complete"], found["why"]) == (False, "Only the beginning of the file was read.")
    assert found["rows_read"] == 100_000


def test_an_image_is_named_as_one(alice):
    found = preview(alice, PNG, "x.png")
    assert (found["kind"], found["media_type"]) == ("image", "image/png")


def test_of_an_archive_the_names_are_told_and_nothing_is_unpacked(alice):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(300):
            archive.writestr(f"images/{n:03}.png", PNG)
        archive.writestr("../../etc/passwd", "x")
    found = preview(alice, file.getvalue(), "images.zip")
    assert (found["kind"], found["names_total"], len(found["names"])) == ("archive", 301, 200)
    assert found["names"][0] == "images/000.png"


HOSTILE = {
    "empty": b"",
    "parquet": b"PAR1" + b"\0" * 100,
    "binary": bytes(range(256)) * 100,
    "torn zip": b"PK\x03\x04" + b"\xff" * 5000,
    "deep json": b"[" * 2_000_000,
    "deep json lines": b'{"a":' * 100_000 + b"\n",
    "a huge number": b"[" + b"9" * 100_000 + b"]",
    "an endless cell": b'a,"' + b"x" * 3_000_000,
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_what_cannot_be_told_is_said_and_nothing_breaks(alice, kind):
    found = preview(alice, HOSTILE[kind], "d.json" if "json" in kind or "number" in kind else "d")
    assert (found["kind"], found["columns"], found["rows"]) == ("none", [], [])
    assert found["why"]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\n1\n1,2,3\n", [["1", None, None], ["1", "2", "3"]]),
        (b"\n\n\na\n\n", [["a"]]),
        (b"x" * 100_000, [["x" * 199 + "…"]]),
        (b"1e999,2\n3,4\n", [["1e999", "2"], ["3", "4"]]),
        (b"a\x0bb,=cmd|' /C calc'!A0,<script>\n", None),
        (b",".join([b"1"] * 5000) + b"\n", [["1"] * 200]),
    ],
)
def test_odd_tables_are_shown_as_far_as_they_are_tables(alice, data, rows):
    found = (
        preview(alice, data, header="false") if rows != [["1", None, None], ["1", "2", "3"]] else preview(alice, data)
    )
    assert found["kind"] == "table"
    assert rows is None or found["rows"] == rows


def test_numbers_that_are_too_large_make_no_statistics_that_are_not_json(alice):
    data = b"a\n" + b"1e308\n-1e308\n" * 10
    column = json.loads(json.dumps(preview(alice, data)["columns"][0], allow_nan=False))
    assert (column["min"], column["max"], sum(part["count"] for part in column["histogram"])) == (-1e308, 1e308, 20)


TRIES = """
import os, _socket
from server.preview.__main__ import confine
confine()
for name, attempt in {
    "file": lambda: os.open("/etc/hostname", os.O_RDONLY), "socket": lambda: _socket.socket(), "pipe": os.pipe,
    "process": os.fork, "memory": lambda: bytearray(2 << 30),
}.items():
    try:
        attempt()
    except (OSError, MemoryError):
        print(name, "refused", flush=True)
print(os.geteuid() == 0)
"""


def test_who_looks_into_a_file_can_open_nothing():
    """The confinement itself: a program that tries."""
    said = subprocess.run(
        [sys.executable, "-S", "-c", TRIES], cwd=ROOT, env={}, capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == [
        f"{what} refused" for what in ("file", "socket", "pipe", "process", "memory")
    ] + ["False"]
