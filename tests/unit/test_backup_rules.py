"""What is taken for a backup, and which files are of one."""

import json
import os
from pathlib import Path

import pytest

from server.backup import manifest
from server.backup.database import _connection
from server.backup.files import copy, regular_files
from server.backup.manifest import Entry, Manifest
from server.db.migrate import knows
from server.domain.errors import Conflict

MADE = Manifest("2026-01-31T12:00:00Z", "sqlite", "0001", {"data/x": Entry(1, "a" * 64, 5)})


def written(folder: Path, **changes: object) -> Path:
    MADE.write(folder)
    path = folder / manifest.NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return folder


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert manifest.read(written(tmp_path)) == MADE


def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="no finished backup"):
        manifest.read(tmp_path)


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "data/../../evil", ""])
def test_a_path_that_leads_out_of_the_backup_is_refused(tmp_path: Path, path: str) -> None:
    files = {path: {"bytes": 1, "sha256": "a" * 64, "mtime_ns": 5}}
    with pytest.raises(Conflict, match="damaged"):
        manifest.read(written(tmp_path, files=files))


@pytest.mark.parametrize("changes", [{"files": []}, {"files": {"x": {"bytes": 1}}}, {"extra": 1}])
def test_a_manifest_of_another_shape_is_damaged(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(Conflict, match="damaged"):
        manifest.read(written(tmp_path, **changes))


def test_a_later_format_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="another version"):
        manifest.read(written(tmp_path, format=2))


def test_an_outputs_index_comes_before_what_it_tells_of(tmp_path: Path) -> None:
    (tmp_path / "logs" / "r1").mkdir(parents=True)
    for name in ("data", "events", "index"):
        (tmp_path / "logs" / "r1" / name).touch()
    assert [path.name for path in regular_files(tmp_path, frozenset())] == ["index", "events", "data"]


def test_links_pipes_and_what_is_half_written_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    (tmp_path / "x.part").touch()
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    assert [path.name for path in regular_files(tmp_path, frozenset())] == ["kept"]


def test_a_copy_keeps_mode_and_time(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"x" * 3_000_000)
    source.chmod(0o640)
    os.utime(source, ns=(1, 1_234_567_890))
    entry = copy(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert (target.stat().st_mode & 0o777, target.stat().st_mtime_ns) == (0o640, 1_234_567_890)
    assert (entry.bytes, entry.mtime_ns) == (3_000_000, 1_234_567_890)


def test_a_databases_password_is_in_no_argument() -> None:
    with _connection("postgresql+psycopg://ann:p%40:ss%5C@db:5433/byteme") as option:
        assert "p@" not in option
        assert "host=db" in option
        assert "port=5433" in option
        passfile = Path(option.partition("passfile=")[2].split()[0])
        assert passfile.read_text() == "*:*:*:*:p@\\:ss\\\\\n"
        assert passfile.stat().st_mode & 0o077 == 0
    assert not passfile.exists()


def test_the_migrations_of_this_version_are_known_and_no_other() -> None:
    assert knows("0001")
    assert not knows("9999")
