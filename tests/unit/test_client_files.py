"""Names from the server are hostile; files from the user are checked before anything is sent."""

import os

import pytest

from client.bundle import collect, default_entrypoint
from client.errors import BundleError, UnsafeName
from client.names import printable, safe_path


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../x", "a/../../x", "a/..", "..", ".", "", "a//b", "a/", "./a", "a\0b", "\ud800", "/"],
)
def test_no_name_leaves_the_output_folder(tmp_path, name):
    with pytest.raises(UnsafeName):
        safe_path(tmp_path, name)


def test_a_link_that_is_already_there_is_no_way_out(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    with pytest.raises(UnsafeName):
        safe_path(inside, "link/x")
    with pytest.raises(UnsafeName):
        safe_path(inside, "link/deeper/x")


@pytest.mark.parametrize(
    "name", ["a", "a/b/c", ".hidden", "...", "a b", "-rf", "é", "\udcff\udc80", "new\nline", "a\\b"]
)
def test_odd_but_harmless_names_are_kept_byte_for_byte(tmp_path, name):
    target = safe_path(tmp_path, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("x")
    assert os.fsencode(target) == os.fsencode(tmp_path) + b"/" + os.fsencode(name)


def test_printed_names_cannot_steer_the_terminal():
    assert printable("a\x1b[31m\r\nb\u202e\udcff") == "a\\x1b[31m\\r\\nb\\u202e\\udcff"
    assert printable("naïve – 数据") == "naïve – 数据"


def test_a_file_is_sent_as_it_is(tmp_path):
    (tmp_path / "train.py").write_bytes("print('é')\r\n".encode())
    assert collect(tmp_path / "train.py") == {"train.py": "print('é')\r\n"}


def test_a_folder_is_sent_without_what_is_no_source(tmp_path):
    for name in (
        "main.py",
        "pkg/a.py",
        ".git/config",
        "pkg/__pycache__/a.pyc",
        ".venv/x.py",
        ".env",
        "outputs/m.pt",
        "big/x.bin",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\x00" if name.endswith(("pt", "bin", "pyc")) else b"text")
    assert collect(tmp_path, exclude=["big"]) == {"main.py": "text", "pkg/a.py": "text"}
    assert list(collect(tmp_path, exclude=["*.bin", "pkg/*"])) == ["main.py"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b"])
def test_a_binary_file_is_refused_by_name_and_pointed_to_data(tmp_path, content):
    (tmp_path / "main.py").write_text("")
    (tmp_path / "model.bin").write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.bin.*--data"):
        collect(tmp_path)


def test_a_folder_that_is_too_large_is_refused_naming_the_largest_file(tmp_path, monkeypatch):
    monkeypatch.setattr("client.bundle.MAX_BYTES", 1000)
    (tmp_path / "small.py").write_text("x" * 300)
    (tmp_path / "large.py").write_text("x" * 900)
    with pytest.raises(BundleError, match=r"large\.py"):
        collect(tmp_path)
    (tmp_path / "large.py").write_text("x" * 1001)
    with pytest.raises(BundleError, match=r"large\.py.*--data"):
        collect(tmp_path)


def test_files_where_datasets_appear_are_refused(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/x.csv").write_text("1")
    with pytest.raises(BundleError, match="--data"):
        collect(tmp_path)


@pytest.mark.parametrize("kind", ["missing", "empty", "dangling", "fifo"])
def test_what_cannot_be_read_is_an_error_and_never_a_hang(tmp_path, kind):
    path = tmp_path / "program"
    if kind == "dangling":
        path.mkdir()
        (path / "main.py").symlink_to("nowhere")
    elif kind == "fifo":
        path.mkdir()
        os.mkfifo(path / "main.py")
    elif kind == "empty":
        path.mkdir()
    with pytest.raises(BundleError):
        collect(path)


def test_the_entrypoint_is_only_guessed_when_there_is_no_doubt():
    assert default_entrypoint(["a.py", "main.py"]) == "main.py"
    assert default_entrypoint(["readme.md", "train.py"]) == "train.py"
    for files in (["a.py", "b.py"], ["readme.md"]):
        with pytest.raises(BundleError, match="--entrypoint"):
            default_entrypoint(files)
