"""What was backed up while the server ran is there again on another folder, byte by byte; what is damaged is refused."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from client import Client
from tests.server_process import ROOT, ServerProcess, finished, output, raw_run, run_program, submit
from tests.waiting import eventually

LEAVE = "import os; open('outputs/model.bin', 'wb').write(os.urandom(3 << 20)); print('left')"
TALK = "import time\nfor n in range(100_000): print(n, flush=True); time.sleep(.01)"


def operate(server: ServerProcess, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`byteme COMMAND` with the settings of a server, beside it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BYTEME_")}
    code = f"from server.cli import {command}; {command}()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, env=kept | server.settings, check=False,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def backed_up(server: ServerProcess, folder: Path, *options: object) -> Path:
    done = operate(server, "backup", folder, *options)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> ServerProcess:
    """A server with a data folder of its own, which is not there yet."""
    return ServerProcess(tmp_path / "elsewhere")


@pytest.fixture
def signed_in(own_server: ServerProcess) -> Client:
    return own_server.admin()


def test_a_backup_made_while_a_run_goes_on_brings_back_everything_on_another_folder(
    own_server: ServerProcess, signed_in: Client, elsewhere: ServerProcess, tmp_path: Path
) -> None:
    content = os.urandom(1 << 20)
    (tmp_path / "table.bin").write_bytes(content)
    dataset = signed_in.upload_dataset("table.bin", tmp_path / "table.bin")
    ended = run_program(signed_in, LEAVE)["id"]
    (artifact,) = signed_in.artifacts(ended)
    going_on = submit(signed_in, TALK)
    eventually(lambda: output(signed_in, going_on), "some output")

    folder = backed_up(own_server, tmp_path / "backup")
    assert raw_run(signed_in, going_on)["state"] == "running"
    assert folder.stat().st_mode & 0o077 == 0
    elsewhere.data_dir.parent.mkdir()
    done = operate(elsewhere, "restore", folder)
    assert done.returncode == 0, done.stderr
    said = output(signed_in, going_on)

    with elsewhere:
        admin = elsewhere.admin()
        restored = admin.download(ended, artifact, tmp_path).read_bytes()
        assert hashlib.sha256(restored).hexdigest() == artifact.sha256
        assert output(admin, ended) == b"left\n"
        check = "print(__import__('hashlib').sha256(open('data/t', 'rb').read()).hexdigest())"
        again = run_program(admin, check, datasets=[{"id": dataset.id, "name": "t"}])["id"]
        assert output(admin, again).decode().strip() == hashlib.sha256(content).hexdigest()
        lost = finished(admin, going_on)
        assert (lost["state"], lost["reason"]) == ("failed", "host_lost")
        assert output(admin, going_on)
        assert said.startswith(output(admin, going_on))
    signed_in.cancel(going_on)


def test_what_did_not_change_since_an_earlier_backup_is_stored_once(
    own_server: ServerProcess, signed_in: Client, tmp_path: Path
) -> None:
    first = run_program(signed_in, LEAVE)["id"]
    monday = backed_up(own_server, tmp_path / "monday")
    second = run_program(signed_in, LEAVE)["id"]
    tuesday = backed_up(own_server, tmp_path / "tuesday", "--base", monday)
    (old,) = (tuesday / "artifacts" / first).iterdir()
    (new,) = (tuesday / "artifacts" / second).iterdir()
    assert old.samefile(monday / "artifacts" / first / old.name)
    assert new.stat().st_nlink == 1
    assert not old.samefile(own_server.data_dir / "artifacts" / first / old.name)  # nothing in the one harms the other


def test_a_damaged_backup_is_refused_by_the_name_of_what_is_damaged_and_nothing_is_written(
    own_server: ServerProcess, signed_in: Client, elsewhere: ServerProcess, tmp_path: Path
) -> None:
    run_id = run_program(signed_in, LEAVE)["id"]
    folder = backed_up(own_server, tmp_path / "backup")
    (victim,) = (folder / "artifacts" / run_id).iterdir()
    sound = victim.read_bytes()
    elsewhere.data_dir.parent.mkdir()

    def refused(why: str) -> None:
        done = operate(elsewhere, "restore", folder)
        assert done.returncode == 1
        assert why in done.stderr
        assert [path.name for path in elsewhere.data_dir.iterdir()] == ["lock"]

    victim.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    refused(f"{victim} is not what was saved")
    victim.unlink()
    refused(f"{victim} is missing")
    victim.write_bytes(sound)
    (folder / "data" / "stranger").write_text("x")
    refused(f"{folder / 'data' / 'stranger'} is not of the backup")
    (folder / "data" / "stranger").unlink()
    database = folder / "database.sqlite"
    database.write_bytes(database.read_bytes()[:-4096])
    refused(f"{database} is not what was saved")
    (folder / "manifest.json").rename(tmp_path / "manifest.json")
    done = operate(elsewhere, "restore", folder)
    assert "no finished backup" in done.stderr


def test_nothing_is_restored_over_what_is_there(own_server: ServerProcess, tmp_path: Path) -> None:
    folder = backed_up(own_server, tmp_path / "backup")
    done = operate(own_server, "restore", folder)
    assert done.returncode == 1
    assert "Another server uses the data folder" in done.stderr
    own_server.stop()
    done = operate(own_server, "restore", folder)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    done = operate(own_server, "backup", folder)
    assert done.returncode == 1
    assert "is not empty" in done.stderr


def test_content_that_is_not_as_it_was_stored_is_named_by_the_backup(
    own_server: ServerProcess, signed_in: Client, tmp_path: Path
) -> None:
    run_id = run_program(signed_in, LEAVE)["id"]
    (stored,) = (own_server.data_dir / "artifacts" / run_id).iterdir()
    stored.write_bytes(b"bits that rotted")
    done = operate(own_server, "backup", tmp_path / "backup")
    assert done.returncode == 1
    assert f"not as it was stored: artifact model.bin of run {run_id}" in done.stderr


def test_a_server_does_not_start_on_a_restore_that_broke_off(own_server: ServerProcess) -> None:
    own_server.stop()
    (own_server.data_dir / "restoring").touch()
    with pytest.raises(AssertionError, match="did not come to its end"):
        own_server.start()
