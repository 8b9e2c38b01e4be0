"""The `byteme` command against a real server and a real engine."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ServerProcess
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


class Terminal:
    """A folder to work in, and `byteme` in it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BYTEME_")}
        self.env = {**clean, "HOME": str(folder), "XDG_CONFIG_HOME": "", "PYTHONPATH": str(ROOT), **environment}

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([sys.executable, "-m", "client", *args], cwd=self.folder, env=self.env, **pipes)

    def byteme(self, *args: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        process = self.start(*args, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE)
        out, err = process.communicate(stdin, timeout=120)
        return subprocess.CompletedProcess(args, process.returncode, out, err)

    def newest(self) -> dict[str, Any]:
        run: dict[str, Any] = json.loads(self.byteme("runs", "-n", "1", "--json").stdout)[0]
        return run


@contextmanager
def signed_in(server: ServerProcess, folder: Path) -> Iterator[Terminal]:
    with server.tenant() as tenant:
        yield Terminal(folder, BYTEME_URL=server.url, BYTEME_TOKEN=server.token(tenant))


@pytest.fixture
def terminal(server: ServerProcess, tmp_path: Path) -> Iterator[Terminal]:
    with signed_in(server, tmp_path) as terminal:
        yield terminal


def test_a_program_behaves_as_if_it_ran_here(terminal):
    terminal.write(
        "train.py",
        "import sys\n"
        "print(sys.argv[1:])\n"
        "sys.stdout.buffer.write(bytes(range(256)) + sys.stdin.buffer.read())\n"
        "sys.stderr.write('careful')\n"
        "sys.exit(7)\n",
    )
    sent = bytes(range(255, -1, -1)) * 1000
    done = terminal.byteme("run", "train.py", "--follow", "--", "--epochs", "3", stdin=sent)
    assert done.stdout == b"['--epochs', '3']\n" + bytes(range(256)) + sent
    assert (done.returncode, done.stderr) == (7, b"careful")


def test_answers_can_be_given_as_the_program_asks(terminal):
    terminal.write("ask.py", "print('hello ' + input('name? '))\n")
    process = terminal.start("run", "ask.py", "-f", stdin=subprocess.PIPE)
    assert process.stdout.read(6) == b"name? "
    process.stdin.write(b"Ada\n")
    process.stdin.flush()
    assert process.stdout.read() == b"hello Ada\n"
    process.stdin.close()
    assert process.wait(60) == 0


def test_a_program_that_ignores_its_input_ends_all_the_same(terminal):
    terminal.write("deaf.py", "print('done')\n")
    done = terminal.byteme("run", "deaf.py", "-f", stdin=b"x" * 3_000_000)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"done\n", b"")


@pytest.mark.parametrize(
    ("program", "options", "code", "said"),
    [
        ("import time\ntime.sleep(100)", ["--timeout", "1"], 124, b"Time limit 1 s reached"),
        ("print(len(bytearray(1 << 31)))", ["--memory", "128"], 137, b"Memory limit 128 MB reached"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)", [], 143, b""),
        ("raise ValueError('mine')", [], 1, b"ValueError: mine"),
    ],
)
def test_every_way_to_end_has_its_exit_code_and_its_reason(terminal, program, options, code, said):
    terminal.write("main.py", program)
    done = terminal.byteme("run", "main.py", "-f", *options)
    assert done.returncode == code
    assert said in done.stderr


def test_a_limit_above_the_quota_is_refused_by_name(terminal):
    terminal.write("main.py", "")
    done = terminal.byteme("run", "main.py", "-f", "--memory", "9000g")
    assert done.returncode == 125
    assert b"limits.memory_mb" in done.stderr
    assert json.loads(terminal.byteme("runs", "--json").stdout) == []


def test_ctrl_c_cancels_the_run_and_brings_what_it_had_made(terminal):
    terminal.write(
        "main.py",
        "import os, time\n"
        "open(os.environ['BYTEME_OUTPUT_DIR'] + '/checkpoint', 'w').write('epoch 1')\n"
        "print('training', flush=True)\n"
        "time.sleep(600)\n",
    )
    process = terminal.start("run", "main.py", "-f", "--output-dir", "out")
    assert process.stdout.read(9) == b"training\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert terminal.newest()["state"] == "cancelled"
    assert (terminal.folder / "out/checkpoint").read_text() == "epoch 1"


def test_a_folder_with_data_becomes_artifacts_here(terminal):
    terminal.write("job/main.py", "from lib.work import go\ngo()\n")
    terminal.write(
        "job/lib/work.py",
        "import os, pathlib\n"
        "def go():\n"
        "    data = pathlib.Path(os.environ['BYTEME_INPUT_DIR'], 'numbers').read_bytes()\n"
        "    out = pathlib.Path(os.environ['BYTEME_OUTPUT_DIR'], 'deep/er')\n"
        "    out.mkdir(parents=True)\n"
        "    (out / 'twice.bin').write_bytes(data * 2)\n"
        "    print(os.environ['GREETING'])\n",
    )
    data = os.urandom(3_000_000)
    (terminal.folder / "numbers.bin").write_bytes(data)
    options = ["--data", "numbers=numbers.bin", "--env", "GREETING=hi", "--output-dir", "out"]
    for _ in range(2):
        done = terminal.byteme("run", "job", "-f", *options)
        assert (done.returncode, done.stdout) == (0, b"hi\n"), done.stderr
    assert (terminal.folder / "out/deep/er/twice.bin").read_bytes() == data * 2
    assert len(json.loads(terminal.byteme("datasets", "--json").stdout)) == 1
    listed = json.loads(terminal.byteme("artifacts", terminal.newest()["id"], "--json").stdout)
    assert [(a["path"], a["sha256"]) for a in listed] == [
        ("deep/er/twice.bin", hashlib.sha256(data * 2).hexdigest()),
    ]


def test_a_template_runs_as_it_is_copied(terminal):
    names = [t["name"] for t in json.loads(terminal.byteme("templates", "--json").stdout)]
    assert "hello" in names
    assert terminal.byteme("templates", "hello", "--output-dir", "start").returncode == 0
    done = terminal.byteme("run", "start", "-f")
    assert done.returncode == 0, done.stderr


def test_a_run_left_behind_can_be_watched_read_and_cancelled(terminal):
    terminal.write("main.py", "import time\nprint('alive', flush=True)\ntime.sleep(600)\n")
    run_id = terminal.byteme("run", "main.py").stdout.decode().strip()
    watching = terminal.start("logs", run_id, "-f")
    assert watching.stdout.read(6) == b"alive\n"
    assert terminal.byteme("logs", run_id).stdout == b"alive\n"
    assert terminal.byteme("cancel", run_id).returncode == 0
    assert watching.wait(30) == 0
    watching.communicate()
    assert json.loads(terminal.byteme("status", run_id, "--json").stdout)["state"] == "cancelled"
    assert terminal.byteme("cancel", run_id).returncode == 1


def test_a_newcomer_registers_runs_and_leaves(server, tmp_path):
    terminal = Terminal(tmp_path)
    password = b"a long enough password\n"
    done = terminal.byteme("login", server.url, "--email", "cli-newcomer@example.com", "--register", stdin=password)
    assert done.returncode == 0, done.stderr
    terminal.write("main.py", "print('in')\n")
    assert terminal.byteme("run", "main.py", "-f").stdout == b"in\n"
    assert terminal.byteme("logout").returncode == 0
    assert b"byteme login" in terminal.byteme("run", "main.py", "-f").stderr


def test_another_tenant_s_run_is_not_there(server, terminal, tmp_path):
    terminal.write("main.py", "print('secret')\n")
    run_id = terminal.byteme("run", "main.py").stdout.decode().strip()
    with server.tenant() as stranger:
        other = Terminal(tmp_path, BYTEME_URL=server.url, BYTEME_TOKEN=server.token(stranger))
        for command in ("status", "logs", "cancel", "artifacts"):
            done = other.byteme(command, run_id)
            assert done.returncode == 1
            assert b"secret" not in done.stdout
        assert other.byteme("logs", run_id, "-f").returncode == 1


def test_following_survives_kill_of_the_server(own_server, tmp_path):
    """And the program, and every byte: numbered lines over three servers."""
    path = tmp_path / "seen"
    with signed_in(own_server, tmp_path) as terminal, path.open("wb") as seen:
        terminal.write(
            "main.py",
            "import time\nfor i in range(3000):\n    print(i, 'x' * 200, flush=True)\n    time.sleep(0.002)\n",
        )
        process = terminal.start("run", "main.py", "-f", stdout=seen)
        for size in (20_000, 200_000):
            eventually(lambda size=size: path.stat().st_size > size, "output to arrive")
            own_server.kill()
            own_server.start()
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert path.read_text() == "".join(f"{i} {'x' * 200}\n" for i in range(3000))


def test_a_run_outlives_the_token_it_was_started_with(tmp_path):
    with ServerProcess(tmp_path, BYTEME_ACCESS_TOKEN_S="5") as server:
        terminal = Terminal(tmp_path)
        login = ["login", server.url, "--email", "cli-patient@example.com", "--register"]
        assert terminal.byteme(*login, stdin=b"a long enough password\n").returncode == 0
        terminal.write("main.py", "import time\nfor i in range(13):\n    print(i, flush=True)\n    time.sleep(1)\n")
        done = terminal.byteme("run", "main.py", "-f", stdin=b"")
        assert (done.returncode, done.stdout) == (0, b"".join(b"%d\n" % i for i in range(13))), done.stderr
        assert terminal.byteme("runs").returncode == 0
