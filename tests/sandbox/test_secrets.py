"""Secrets on a real server: in the program's environment, and nowhere else, over a death of the server too."""

import json
import os
from contextlib import suppress
from pathlib import Path

import docker

from tests.server_process import ServerProcess, finished, output, submit
from tests.waiting import eventually

VALUE = "correct-horse-battery"
PROGRAM = """
import os, sys, time
import byteme
value = os.environ["TOKEN"]
print("whole", value, len(value), flush=True)
print(value, file=sys.stderr, flush=True)
byteme.log(step=1, **{value: 1.0})
sys.stdout.write("in two " + value[:9])
sys.stdout.flush()
print("meanwhile", file=sys.stderr, flush=True)
time.sleep(5)
print(value[9:], "end", value[:-1], flush=True)
"""
SAID = [b"whole *** 21\n", b"***\n", b"in two ", b"meanwhile\n", b"*** end correct-horse-batter\n"]


def inspected(server: ServerProcess) -> str:
    """All that the engine tells of this server's containers."""
    api, told = docker.APIClient(timeout=30), []
    for name in server.containers():
        with suppress(docker.errors.NotFound):  # it has just gone
            told.append(json.dumps(api.inspect_container(name)))
    api.close()
    return "\n".join(told)


def holding(folder: Path, value: bytes) -> list[str]:
    """The files below `folder` in which `value` stands. What goes meanwhile is passed over: a sandbox on its way out."""
    found = []
    for parent, _, names in os.walk(folder):
        for path in (Path(parent, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file() and not path.is_symlink() and value in path.read_bytes():
                    found.append(str(path))
    return found


def test_a_secret_reaches_the_program_and_nothing_else_though_the_server_is_killed(own_server: ServerProcess) -> None:
    server = own_server
    tenant = server.tenant()
    tenant.set_secret("TOKEN", VALUE)
    run_id = submit(tenant, PROGRAM, secrets=["TOKEN"])
    eventually(lambda: b"meanwhile" in output(tenant, run_id), "the program's first lines", 60)
    assert VALUE not in inspected(server)
    server.kill()
    server.start()
    run = finished(tenant, run_id)
    assert (run["state"], run["secrets"]) == ("succeeded", ["TOKEN"])
    said = output(tenant, run_id)
    assert sorted(said.replace(b"in two ", b"").splitlines()) == sorted(
        b"".join(SAID).replace(b"in two ", b"").splitlines()
    )
    assert VALUE not in server.log.read_text()
    assert holding(server.data_dir, VALUE.encode()) == []
