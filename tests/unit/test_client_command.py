"""The `byteme` command as a shell sees it: exit codes, exact bytes, signals, files. Each test starts a real one."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client_peer import CuttingProxy, Peer, Script, serving

from client import Run, Tokens
from client.cli.credentials import FileVault
from client.cli.terminal import exit_status
from client.cli.values import DURATION, MEGABYTES
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
NOISE = bytes(range(256)) * 300


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving() as peer:
        yield peer


class Shell:
    """Runs `byteme` in a folder of its own, signed in to the peer by BYTEME_TOKEN unless told otherwise."""

    def __init__(self, peer: Peer, home: Path) -> None:
        self.home = home
        token = peer.sign_in()["access_token"]
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("BYTEME_", "XDG_"))},
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "BYTEME_URL": peer.url,
            "BYTEME_TOKEN": token,
        }
        (home / "main.py").write_text("print('hello')\n")

    def start(self, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        command = [sys.executable, "-m", "client", *args]
        return subprocess.Popen(command, cwd=self.home, env=self.env, **pipes)

    def __call__(self, *args: str, input: bytes | None = None) -> subprocess.CompletedProcess[bytes]:  # noqa: A002
        process = self.start(*args, stdin=subprocess.DEVNULL if input is None else subprocess.PIPE)
        out, err = process.communicate(input, timeout=60)
        return subprocess.CompletedProcess(args, process.returncode, out, err)

    def on_terminal(self, *args: str) -> tuple[int, bytes]:
        """Exit code, and what a person sees."""
        ours, theirs = pty.openpty()
        process = self.start(*args, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        process.wait(60)
        seen = b"".join(iter(lambda: _read_terminal(ours), b""))
        os.close(ours)
        return process.returncode, seen


@pytest.fixture
def byteme(peer: Peer, tmp_path: Path) -> Shell:
    return Shell(peer, tmp_path)


def test_run_follow_writes_the_program_s_bytes_and_nothing_else(peer, byteme):
    peer.next_script = Script(output=[("stdout", NOISE), ("stderr", b"warn\xff"), ("stdout", b"no newline")])
    done = byteme("run", "main.py", "--follow")
    assert (done.returncode, done.stdout, done.stderr) == (0, NOISE + b"no newline", b"warn\xff")


def test_run_follow_exits_with_the_program_s_exit_code(peer, byteme):
    peer.next_script = Script(ending={"state": "failed", "reason": "exit_code", "exit_code": 42})
    done = byteme("run", "main.py", "-f")
    assert (done.returncode, done.stderr) == (42, b"")


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ({"state": "succeeded", "exit_code": 0}, 0),
        ({"state": "failed", "reason": "exit_code", "exit_code": 139}, 139),
        ({"state": "failed", "reason": "timeout", "exit_code": 137}, 124),
        ({"state": "failed", "reason": "out_of_memory", "exit_code": 1}, 137),
        ({"state": "failed", "reason": "disk_limit"}, 137),
        ({"state": "failed", "reason": "output_limit"}, 137),
        ({"state": "cancelled", "exit_code": 137}, 130),
        ({"state": "failed", "reason": "artifact_limit", "exit_code": 0}, 125),
        ({"state": "failed", "reason": "host_lost"}, 125),
        ({"state": "failed", "reason": "image_unavailable"}, 125),
        ({"state": "failed", "reason": "internal_error"}, 125),
        ({"state": "failed", "reason": "something new"}, 125),
    ],
)
def test_each_ending_has_its_exit_code(ending, code):
    assert exit_status(Run(id="r", **ending)) == code


def test_what_the_platform_did_to_the_program_is_said_unless_quiet(peer, byteme):
    ending = {"state": "failed", "reason": "out_of_memory", "message": "Memory limit 512 MB reached"}
    peer.next_script = Script(ending=ending)
    done = byteme("run", "main.py", "-f")
    assert (done.returncode, done.stdout, done.stderr) == (137, b"", b"Memory limit 512 MB reached.\n")
    peer.next_script = Script(ending=ending)
    assert byteme("run", "main.py", "-f", "--quiet").stderr == b""


def test_our_input_becomes_the_program_s(peer, byteme):
    peer.next_script = Script(waits_for_input=True)
    done = byteme("run", "main.py", "-f", input=NOISE * 10)
    assert (done.returncode, done.stdout) == (0, NOISE * 10)


def test_input_is_passed_on_as_it_comes(peer, byteme):
    peer.next_script = Script(waits_for_input=True)
    process = byteme.start("run", "main.py", "-f", stdin=subprocess.PIPE)
    process.stdin.write(b"first\n")
    process.stdin.flush()
    assert process.stdout.read(6) == b"first\n"
    out, _ = process.communicate(b"second\n", timeout=60)
    assert (out, process.returncode) == (b"second\n", 0)


def test_a_closed_stdin_is_an_empty_one(peer, byteme):
    peer.next_script = Script(waits_for_input=True)
    process = byteme.start("run", "main.py", "-f", stdin=None, preexec_fn=lambda: os.close(0))
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_no_input_leaves_ours_alone(peer, byteme):
    peer.next_script = Script(waits_for_input=True)
    read, write = os.pipe()
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb") as writer:
        writer.write(b"for somebody else")
        writer.flush()
        process = byteme.start("run", "main.py", "-f", "--no-input", stdin=reader)
        process.communicate(timeout=60)
        writer.close()
        assert reader.read() == b"for somebody else"
    assert process.returncode == 0


def test_ctrl_c_cancels_the_run_and_waits_for_its_end(peer, byteme):
    peer.next_script = Script(output=[("stdout", b"working")], waits_for_cancel=True, artifacts={"partial.pt": b"half"})
    process = byteme.start("run", "main.py", "-f", "--output-dir", "out")
    assert process.stdout.read(7) == b"working"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert peer.runs["run-1"].cancelled == 1
    assert (byteme.home / "out/partial.pt").read_bytes() == b"half"


def test_a_cancel_that_did_not_get_through_is_sent_again(peer, byteme):
    following, refused = 10**9, -1
    proxy = CuttingProxy(peer.port, cuts=[following, refused, refused])
    byteme.env["BYTEME_URL"] = proxy.url
    peer.next_script = Script(output=[("stdout", b"working")], waits_for_cancel=True)
    process = byteme.start("run", "main.py", "-f")
    assert process.stdout.read(7) == b"working"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    proxy.close()
    assert process.returncode == 130
    assert proxy.connections == 4


def test_a_second_ctrl_c_leaves_at_once(peer, byteme):
    peer.next_script = Script(output=[("stdout", b"working")], deaf=True)
    process = byteme.start("run", "main.py", "-f")
    assert process.stdout.read(7) == b"working"
    process.send_signal(signal.SIGINT)
    eventually(lambda: peer.runs["run-1"].cancelled, "the run to be cancelled")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_a_reader_who_has_had_enough_ends_us_but_not_the_run(peer, byteme):
    peer.next_script = Script(output=[("stdout", b"line\n")] * 1000)
    process = byteme.start("run", "main.py", "-f", "-q")
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 141
    assert peer.runs["run-1"].cancelled == 0


def test_on_a_terminal_the_platform_s_notes_are_seen(peer, byteme):
    peer.next_script = Script(output=[("stdout", b"half a line")], artifacts={"m.pt": b"x" * 2000})
    code, seen = byteme.on_terminal("run", "main.py", "-f")
    assert code == 0
    assert b"half a line\r\n" in seen
    assert b"run-1" in seen
    assert b"Succeeded" in seen
    assert b"Artifacts: 1 (2.0 kB)" in seen


def _read_terminal(number: int) -> bytes:
    try:
        return os.read(number, 4096)
    except OSError:
        return b""


def test_without_follow_the_id_is_all_that_is_printed(peer, byteme):
    done = byteme("run", "main.py", "--cpus", "1.5", "--memory", "2g", "--timeout", "10m", "--", "--epochs", "3", "-f")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"run-1\n", b"")
    assert peer.runs["run-1"].request == {
        "files": {"main.py": "print('hello')\n"},
        "entrypoint": "main.py",
        "args": ["--epochs", "3", "-f"],
        "limits": {"cpus": 1.5, "memory_mb": 2048, "timeout_s": 600},
    }


def test_every_choice_reaches_the_request(peer, byteme):
    byteme.env["PASSED_ON"] = "yes"
    options = ["--env", "A=b=c", "--env", "PASSED_ON", "--network", "--image", "gpu", "--disk", "1g", "--gpus", "1"]
    assert byteme("run", "main.py", "--json", *options).returncode == 0
    request = peer.runs["run-1"].request
    assert request["env"] == {"A": "b=c", "PASSED_ON": "yes"}
    assert (request["network"], request["image"]) == ("egress", "gpu")
    assert request["limits"] == {"disk_mb": 1024, "gpus": 1}


def test_data_is_uploaded_once_and_mounted_under_its_name(peer, byteme):
    (byteme.home / "x.csv").write_bytes(NOISE)
    for _ in range(2):
        assert byteme("run", "main.py", "--data", "train=x.csv").returncode == 0
    assert peer.runs["run-2"].request["datasets"] == [{"id": "d1", "name": "train"}]
    assert peer.uploads == {"d1": NOISE}


def test_artifacts_are_fetched_and_earlier_ones_not_sent_along(peer, byteme):
    for _ in range(2):
        peer.next_script = Script(output=[("stdout", b"hi")], artifacts={"a/model.pt": NOISE, "b": b""})
        done = byteme("run", ".", "--output-dir", "out")
        assert (done.returncode, done.stdout) == (0, b"")
    assert list(peer.runs["run-2"].request["files"]) == ["main.py"]
    assert (byteme.home / "out/a/model.pt").read_bytes() == NOISE
    assert b"a/model.pt  76.8 kB" in done.stderr


def test_a_hostile_artifact_fails_the_command_but_not_the_others(peer, byteme):
    peer.next_script = Script(artifacts={"../evil": b"e", "good": b"g"})
    done = byteme("run", "main.py", "--output-dir", "out")
    assert done.returncode == 125
    assert b"../evil" in done.stderr
    assert (byteme.home / "out/good").read_bytes() == b"g"
    assert not (byteme.home / "evil").exists()
    assert byteme("artifacts", "run-1", "--output-dir", "out").returncode == 1


def test_errors_of_the_platform_exit_with_125_and_name_the_field(peer, byteme):
    (byteme.home / "main.py").write_text("refuse me")
    done = byteme("run", "main.py", "-f")
    assert (done.returncode, done.stdout) == (125, b"")
    assert b"limits.memory_mb: above your quota of 1024" in done.stderr
    byteme.env["BYTEME_URL"] = "http://127.0.0.1:9"
    done = byteme("run", "main.py", "-f")
    assert done.returncode == 125
    assert b"127.0.0.1:9" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["run", "missing.py"],
        ["run", "main.py", "--memory", "lots"],
        ["run", "main.py", "--timeout", "-1"],
        ["run", "main.py", "--env", "=x"],
        ["run", "main.py", "--env", "NOT_SET_ANYWHERE"],
        ["run", "main.py", "--data", "x"],
        ["run", "main.py", "--data", "a/b=main.py"],
        ["run", "main.py", "--data", "x=missing"],
        ["run", "main.py", "--follow", "--json"],
        ["run", "main.py", "--epochs", "3"],
        ["templates", "--output-dir", "x"],
        ["nonsense"],
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_happens(peer, byteme, args):
    done = byteme(*args)
    assert done.returncode == 2
    assert b"Usage:" in done.stderr
    assert peer.runs == {}


def test_sizes_and_durations_are_written_as_people_write_them():
    sizes = {"512": 512, "512m": 512, "2g": 2048, "1.5G": 1536, "2GiB": 2048, "2048k": 2, "1t": 1 << 20}
    assert {text: MEGABYTES.convert(text, None, None) for text in sizes} == sizes
    times = {"90": 90, "90s": 90, "10m": 600, "1h30m": 5400, "2d": 172_800}
    assert {text: DURATION.convert(text, None, None) for text in times} == times


def test_login_is_remembered_until_logout(peer, byteme):
    del byteme.env["BYTEME_TOKEN"], byteme.env["BYTEME_URL"]
    assert byteme("runs").returncode == 1
    assert b"byteme login" in byteme("runs").stderr
    done = byteme("login", peer.url, "--email", "ada@example.org", input=b"correct horse\n")
    assert (done.returncode, done.stdout) == (0, b"")
    assert (byteme.home / ".config/byteme/credentials.json").stat().st_mode & 0o777 == 0o600
    assert byteme("runs").returncode == 0
    assert byteme("logout").returncode == 0
    assert byteme("runs").returncode == 1
    assert peer.refresh == set()


def test_an_account_can_be_made_from_the_terminal(peer, byteme):
    done = byteme("login", "--register", input=b"eve@example.org\nlong enough\n")
    assert done.returncode == 0, done.stderr
    assert peer.users["eve@example.org"] == "long enough"


def test_a_wrong_password_is_told_and_nothing_is_stored(peer, byteme):
    done = byteme("login", peer.url, "--email", "ada@example.org", "--password", "wrong")
    assert done.returncode == 1
    assert b"Wrong email or password" in done.stderr
    assert FileVault.stored(byteme.home / ".config/byteme/credentials.json") is None


def test_a_stored_sign_in_never_goes_to_another_server(peer, byteme):
    del byteme.env["BYTEME_TOKEN"]
    FileVault(byteme.home / ".config/byteme/credentials.json", "http://elsewhere.example").save(
        Tokens("secret", "secret")
    )
    done = byteme("runs")
    assert done.returncode == 1
    assert b"Not signed in to " + peer.url.encode() in done.stderr
    assert peer.log == []


def test_an_expired_sign_in_says_what_to_do(peer, byteme):
    peer.expire()
    assert b"BYTEME_TOKEN" in byteme("runs").stderr
    del byteme.env["BYTEME_TOKEN"]
    FileVault(byteme.home / ".config/byteme/credentials.json", peer.url).save(Tokens("dead", "dead"))
    assert b"run `byteme login`" in byteme("runs").stderr


def test_runs_are_listed_for_people_and_for_scripts(peer, byteme):
    for _ in range(3):
        byteme("run", "main.py")
    lines = byteme("runs").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["RUN", "run-3", "run-2", "run-1"]
    assert [run["id"] for run in json.loads(byteme("runs", "-n", "2", "--json").stdout)] == ["run-3", "run-2"]
    assert json.loads(byteme("status", "run-1", "--json").stdout)["id"] == "run-1"
    assert b"state: running" in byteme("status", "run-1").stdout
    assert byteme("status", "nothing").returncode == 1


def test_a_status_tells_where_the_time_went_when_asked(peer, byteme):
    spans = [{"step": "queue", "at_ms": 1.5, "ms": 0.25}, {"step": "claim", "at_ms": 1.75, "ms": 2.0}]
    peer.add_run({"trace": spans})
    lines = byteme("status", "run-1", "--trace").stdout.decode().splitlines()
    assert [line.split() for line in lines[1:]] == [["queue", "1.5", "0.25"], ["claim", "1.75", "2.0"]]
    assert json.loads(byteme("status", "run-1", "--trace", "--json").stdout) == spans
    assert b"trace" not in byteme("status", "run-1").stdout


def test_hostile_text_is_printed_as_text(peer, byteme):
    peer.add_run({"entrypoint": "\x1b]0;owned\x07\n.py"})
    assert b"\x1b" not in byteme("runs").stdout + byteme("status", "run-1").stdout


def test_logs_print_what_there_is_or_follow_to_the_end(peer, byteme):
    peer.add_run({}).script = Script(output=[("stdout", NOISE), ("stderr", b"warn")])
    assert byteme("logs", "run-1").stdout == NOISE + b"warn"
    followed = byteme("logs", "run-1", "-f")
    assert (followed.returncode, followed.stdout, followed.stderr) == (0, NOISE, b"warn")


def test_cancel_ends_a_run_and_says_when_there_is_nothing_to_end(peer, byteme):
    peer.add_run({})
    assert byteme("cancel", "run-1").returncode == 0
    done = byteme("cancel", "run-1")
    assert done.returncode == 1
    assert b"The run has ended" in done.stderr


def test_artifacts_are_listed_and_downloaded(peer, byteme):
    peer.add_run({}).script = Script(artifacts={"b/c.txt": b"text", "a": b"", "z": NOISE})
    assert [a["path"] for a in json.loads(byteme("artifacts", "run-1", "--json").stdout)] == ["b/c.txt", "a", "z"]
    assert b"b/c.txt  4 B" in byteme("artifacts", "run-1").stdout
    assert byteme("artifacts", "run-1", "--output-dir", "got").returncode == 0
    assert (byteme.home / "got/b/c.txt").read_bytes() == b"text"


def test_on_a_terminal_each_download_ends_in_a_line_of_its_own(peer, byteme):
    peer.add_run({}).script = Script(artifacts={"[b]/c.txt": b"text", "empty": b"", "\x1b[2J": NOISE})
    code, seen = byteme.on_terminal("artifacts", "run-1", "--output-dir", "got")
    assert code == 0
    for line in (b"[b]/c.txt  4 B\r\n", b"empty  0 B\r\n", b"\\x1b[2J  76.8 kB\r\n"):
        assert line in seen
    assert (byteme.home / "got/empty").read_bytes() == b""


def test_a_template_is_copied_once_and_nothing_of_ours_overwritten(peer, byteme):
    peer.templates = [{"name": "hello", "title": "Hello", "tags": ["first"], "files": {"main.py": "1\n", "a/b": "2"}}]
    assert b"hello" in byteme("templates").stdout
    assert b"main.py (runs)" in byteme("templates", "hello").stdout
    assert json.loads(byteme("templates", "--json").stdout)[0]["name"] == "hello"
    assert byteme("templates", "hello", "--output-dir", "new").returncode == 0
    assert (byteme.home / "new/a/b").read_text() == "2"
    (byteme.home / "new/main.py").write_text("mine")
    assert byteme("templates", "hello", "--output-dir", "new").returncode == 1
    assert (byteme.home / "new/main.py").read_text() == "mine"


def test_datasets_are_added_listed_and_removed(peer, byteme):
    (byteme.home / "x.csv").write_bytes(b"1,2\n")
    assert byteme("datasets", "add", "x", "x.csv").stdout == b"d1\n"
    assert json.loads(byteme("datasets", "--json").stdout)[0]["name"] == "x"
    assert b"4 B" in byteme("datasets").stdout
    assert byteme("datasets", "remove", "d1").returncode == 0
    assert json.loads(byteme("datasets", "--json").stdout) == []


def plugin(folder: Path, module: str) -> None:
    """What installing a package with a `byteme.commands` entry point leaves on the path."""
    info = folder / "plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[byteme.commands]\nplugged = {module}:command\n")


def test_an_operator_s_command_is_loaded_only_when_it_is_used(byteme):
    plugin(byteme.home, "operator_module")
    byteme.env["PYTHONPATH"] += f":{byteme.home}"
    (byteme.home / "operator_module.py").write_text(
        "import click\nprint('loaded')\n@click.command()\ndef command():\n    print('working')\n"
    )
    listed = byteme("--help").stdout
    assert b"plugged" in listed
    assert b"loaded" not in listed
    assert byteme("plugged").stdout == b"loaded\nworking\n"


def test_an_operator_s_command_that_cannot_load_says_why(byteme):
    plugin(byteme.home, "not_installed_here")
    byteme.env["PYTHONPATH"] += f":{byteme.home}"
    assert byteme("--help").returncode == 0
    done = byteme("plugged")
    assert done.returncode == 1
    assert b"needs the server's packages" in done.stderr
