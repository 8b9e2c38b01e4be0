"""The container engine is restarted or killed: the run ends once, with the true reason, and no byte of it is lost."""

import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from client import Client
from tests.faults.private_engine import IMAGE, PrivateEngine
from tests.server_process import TERMINAL, ServerProcess, finished, output, raw_run, submit
from tests.waiting import eventually

LINES = 200
TICKER = f"""
import time
open('outputs/before.txt', 'w').write('before')
for n in range({LINES}): print(n, flush=True); time.sleep(.05)
open('outputs/after.txt', 'w').write('after')
raise SystemExit(3)
"""
ENDLESS = """
import itertools, time
open('outputs/before.txt', 'w').write('before')
for n in itertools.count(): print(n, flush=True); time.sleep(.05)
"""
LEAVES_MUCH = """
import random
for n in range(40): open(f'outputs/{n}', 'wb').write(random.Random(n).randbytes(2 << 20))
"""
DEATHS = [signal.SIGTERM, signal.SIGKILL]


@pytest.fixture(scope="module")
def engine() -> Iterator[PrivateEngine]:
    with PrivateEngine() as engine:
        yield engine


@pytest.fixture
def server(tmp_path: Path, engine: PrivateEngine) -> Iterator[ServerProcess]:
    settings = {"BYTEME_DOCKER_HOST": engine.url, "BYTEME_SANDBOX_IMAGE": IMAGE, "BYTEME_RUN_SLOTS": "2"}
    with ServerProcess(tmp_path, **settings) as process:
        yield process
        leaves_nothing(process)


@pytest.fixture
def tenant(server: ServerProcess) -> Client:
    return server.tenant()


def leaves_nothing(server: ServerProcess) -> None:
    eventually(lambda: not server.containers() and not server.mounts(), "nothing to be left", 60)


def restarted(engine: PrivateEngine, *, live_restore: bool) -> None:
    engine.end(signal.SIGTERM)
    engine.start(live_restore=live_restore)


def has_said(tenant: Client, run_id: str, number: int) -> bool:
    return b"\n%d\n" % number in output(tenant, run_id)


def numbers(count: int) -> bytes:
    return b"".join(b"%d\n" % n for n in range(count))


@pytest.mark.parametrize("death", DEATHS)
def test_with_live_restore_a_run_goes_on_over_the_engine_s_death(
    engine: PrivateEngine, server: ServerProcess, tenant: Client, death: signal.Signals
) -> None:
    restarted(engine, live_restore=True)
    run_id = submit(tenant, TICKER)
    eventually(lambda: has_said(tenant, run_id, 20), "some output")
    engine.end(death)
    waiting = submit(tenant, "print('in time')")
    eventually(lambda: has_said(tenant, run_id, 60), "output while the engine is away")
    engine.start(live_restore=True)
    run = finished(tenant, run_id)
    assert (run["state"], run["reason"], run["exit_code"]) == ("failed", "exit_code", 3)
    assert output(tenant, run_id) == numbers(LINES)
    assert [artifact.path for artifact in tenant.artifacts(run_id)] == ["after.txt", "before.txt"]
    assert finished(tenant, waiting)["state"] == "succeeded"


@pytest.mark.parametrize("death", DEATHS)
def test_without_live_restore_it_is_told_as_the_host_s_doing_and_what_it_left_is_kept(
    engine: PrivateEngine, server: ServerProcess, tenant: Client, death: signal.Signals
) -> None:
    restarted(engine, live_restore=False)
    run_id = submit(tenant, ENDLESS)
    eventually(lambda: has_said(tenant, run_id, 20), "some output")
    engine.end(death)
    waiting = [submit(tenant, f"print({n})") for n in range(4)]
    engine.start()
    run = finished(tenant, run_id)
    assert (run["state"], run["reason"]) == ("failed", "host_lost"), run
    said = output(tenant, run_id)
    assert said == numbers(said.count(b"\n"))
    assert has_said(tenant, run_id, 20)
    assert [artifact.path for artifact in tenant.artifacts(run_id)] == ["before.txt"]
    for n, other in enumerate(waiting):
        assert (finished(tenant, other)["state"], output(tenant, other)) == ("succeeded", b"%d\n" % n)


def test_the_engine_dies_while_artifacts_are_collected(
    engine: PrivateEngine, server: ServerProcess, tenant: Client
) -> None:
    restarted(engine, live_restore=False)
    run_id = submit(tenant, LEAVES_MUCH)
    eventually(lambda: raw_run(tenant, run_id)["state"] in {"collecting", *TERMINAL}, "its end", 60)
    engine.end(signal.SIGKILL)
    engine.start()
    assert finished(tenant, run_id)["state"] == "succeeded"
    stored = {artifact.path: artifact.sha256 for artifact in tenant.artifacts(run_id)}
    assert stored == {str(n): digest(n) for n in range(40)}


def digest(number: int) -> str:
    import random

    return hashlib.sha256(random.Random(number).randbytes(2 << 20)).hexdigest()


def test_a_deadline_and_a_cancel_that_come_while_the_engine_is_away_hold(
    engine: PrivateEngine, server: ServerProcess, tenant: Client
) -> None:
    restarted(engine, live_restore=True)
    late = submit(tenant, ENDLESS, limits={"timeout_s": 5})
    unwanted = submit(tenant, ENDLESS)
    for run_id in (late, unwanted):
        eventually(lambda run_id=run_id: has_said(tenant, run_id, 5), "some output")
    engine.end(signal.SIGKILL)
    tenant.cancel(unwanted)
    eventually(lambda: raw_run(tenant, late)["state"] in TERMINAL or has_said(tenant, late, 100), "its time to be up")
    engine.start(live_restore=True)
    assert finished(tenant, late)["reason"] == "timeout"
    assert finished(tenant, unwanted)["state"] == "cancelled"


def test_engine_and_server_die_together(engine: PrivateEngine, server: ServerProcess, tenant: Client) -> None:
    restarted(engine, live_restore=True)
    run_id = submit(tenant, TICKER)
    eventually(lambda: has_said(tenant, run_id, 20), "some output")
    server.kill()
    engine.end(signal.SIGKILL)
    server.start()  # first: an engine that is away is no reason not to start
    waiting = submit(tenant, "print('in time')")
    engine.start(live_restore=True)
    assert finished(tenant, run_id)["exit_code"] == 3
    assert output(tenant, run_id) == numbers(LINES)
    assert finished(tenant, waiting)["state"] == "succeeded"


def test_what_ends_while_neither_engine_nor_server_is_there_is_the_host_s_doing(
    engine: PrivateEngine, server: ServerProcess, tenant: Client
) -> None:
    """The engine then makes up an exit code, 255, which is not the program's."""
    restarted(engine, live_restore=True)
    run_id = submit(tenant, ENDLESS)
    eventually(lambda: has_said(tenant, run_id, 20), "some output")
    (container,) = server.containers()
    process = state_of(server, container)["Pid"]
    shim = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    server.kill()
    engine.end(signal.SIGKILL)
    for pid in (shim, process):
        os.kill(pid, signal.SIGKILL)
    engine.start(live_restore=True)
    assert state_of(server, container)["ExitCode"] == 255
    server.start()
    run = finished(tenant, run_id)
    assert (run["state"], run["reason"], run["exit_code"]) == ("failed", "host_lost", None), run
    said = output(tenant, run_id)
    assert said == numbers(said.count(b"\n"))
    assert [artifact.path for artifact in tenant.artifacts(run_id)] == ["before.txt"]


def state_of(server: ServerProcess, container: str) -> dict[str, Any]:
    """As the engine tells it."""
    with closing(server.engine()) as api:
        return dict(api.inspect_container(container)["State"])
