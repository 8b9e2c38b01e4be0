"""The server dies; no run, no byte and no artifact dies with it."""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

from client import Client, Output
from tests.server_process import TERMINAL, ServerProcess, finished, output, submit
from tests.waiting import eventually

MIB = 1 << 20
PROFILES = ("bare", "data", "torch", "full")
LINES = 2_000_000  # of 100 bytes: 200 MB
FLOOD = f"""
import sys
for start in range(0, {LINES}, 1000):
    sys.stdout.buffer.write(b''.join(b'%099d\\n' % n for n in range(start, start + 1000)))
"""
TICKER = """
import time
open('outputs/before.txt', 'w').write('before')
for n in range(150): print(n, flush=True); time.sleep(.05)
open('outputs/after.txt', 'w').write('after')
raise SystemExit(3)
"""


@pytest.fixture
def roomy_server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path, BYTEME_QUOTA='{"output_mb": 256}') as process:
        yield process


def stalled_watcher(server: ServerProcess, tenant: Client, run_id: str) -> socketio.Client:
    """A client that watches and never acknowledges."""
    watcher = socketio.Client(reconnection=False)
    never = threading.Event()
    watcher.on("run:output", lambda _data: never.wait())
    watcher.connect(server.url, auth={"token": server.token(tenant)}, transports=["websocket"])
    watcher.call("run:watch", {"run_id": run_id, "offset": 0})
    return watcher


def test_200_mb_reach_a_client_exactly_though_the_server_is_killed_and_another_client_stalls(
    roomy_server: ServerProcess,
) -> None:
    server, tenant = roomy_server, roomy_server.tenant()
    run_id = submit(tenant, FLOOD, limits={"timeout_s": 300})
    stalled = stalled_watcher(server, tenant, run_id)
    digest, size, killed, peak = hashlib.sha256(), 0, False, 0
    for event in tenant.follow(run_id):
        if isinstance(event, Output):
            digest.update(event.data)
            size += len(event.data)
            if size > 60 * MIB and not killed:
                killed, peak = True, server.memory_bytes
                server.kill()
                server.start()
    expected = hashlib.sha256()
    for number in range(LINES):
        expected.update(b"%099d\n" % number)
    stalled.shutdown()
    assert killed
    assert size == LINES * 100
    assert digest.digest() == expected.digest()
    assert finished(tenant, run_id)["state"] == "succeeded"
    assert max(peak, server.memory_bytes) < 300 * MIB


def test_a_killed_server_carries_on_what_was_running(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    run_id = submit(tenant, TICKER)
    eventually(lambda: b"20\n" in output(tenant, run_id), "some output")
    own_server.kill()
    own_server.start()
    run = finished(tenant, run_id)
    assert (run["state"], run["reason"], run["exit_code"]) == ("failed", "exit_code", 3)
    assert output(tenant, run_id) == b"".join(b"%d\n" % n for n in range(150))
    assert [a.path for a in tenant.artifacts(run_id)] == ["after.txt", "before.txt"]
    eventually(lambda: not own_server.containers() and not own_server.mounts(), "nothing to be left")


def test_a_run_that_ended_while_the_server_was_away_is_collected(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    run_id = submit(tenant, "print('start', flush=True)\nimport time; time.sleep(1)\nopen('outputs/x', 'w').write('x')")
    eventually(lambda: output(tenant, run_id) == b"start\n", "the first line")
    own_server.kill()
    eventually(lambda: not running(own_server), "the container to end by itself", 30)
    own_server.start()
    assert finished(tenant, run_id)["state"] == "succeeded"
    assert [a.path for a in tenant.artifacts(run_id)] == ["x"]


@pytest.mark.parametrize("when", ["queued", "starting", "running", "collecting"])
def test_killed_at_any_time_every_run_ends_once_and_rightly(own_server: ServerProcess, when: str) -> None:
    tenant = own_server.tenant()
    code = "import time; time.sleep(1)\nprint({0})\nopen('outputs/x', 'w').write('{0}')"
    runs = [submit(tenant, code.format(n)) for n in range(8)]  # twice as many as there are slots
    reached = {when, *TERMINAL}  # a state may be over before anybody has seen it
    eventually(lambda: any(run.state in reached for run in tenant.runs()), f"a run to be {when}")
    own_server.kill()
    own_server.start()
    for number, run_id in enumerate(runs):
        assert finished(tenant, run_id)["state"] == "succeeded"
        assert output(tenant, run_id) == b"%d\n" % number
        assert len(tenant.artifacts(run_id)) == 1
    eventually(lambda: not own_server.containers() and not own_server.mounts(), "nothing to be left")


def test_killed_while_artifacts_are_collected_none_is_lost_or_half_there(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    code = "import random\nfor n in range(40): open(f'outputs/{n}', 'wb').write(random.Random(n).randbytes(2 << 20))"
    run_id = submit(tenant, code)
    folder = own_server.data_dir / "artifacts" / run_id
    eventually(folder.exists, "the first artifact", 60)
    own_server.kill()
    own_server.start()
    assert finished(tenant, run_id)["state"] == "succeeded"
    stored = {artifact.path: artifact.sha256 for artifact in tenant.artifacts(run_id)}
    assert stored == {
        str(n): hashlib.sha256(random.Random(n).randbytes(2 << 20)).hexdigest() for n in range(40)
    }  # fmt: skip
    assert len(list(folder.iterdir())) == 40


def test_what_a_run_left_is_kept_though_its_container_goes_while_the_server_is_away(
    own_server: ServerProcess,
) -> None:
    tenant = own_server.tenant()
    run_id = submit(tenant, TICKER)
    eventually(lambda: b"20\n" in output(tenant, run_id), "some output")
    own_server.kill()
    api = own_server.engine()
    api.remove_container(own_server.containers()[0], force=True)
    api.close()
    own_server.start()
    run = finished(tenant, run_id)
    assert (run["state"], run["reason"]) == ("failed", "host_lost")
    said = output(tenant, run_id)
    assert said == b"".join(b"%d\n" % n for n in range(said.count(b"\n")))
    assert [artifact.path for artifact in tenant.artifacts(run_id)] == ["before.txt"]
    eventually(lambda: not own_server.containers() and not own_server.mounts(), "nothing to be left")


def test_sandboxes_that_wait_and_one_that_was_given_away_survive_or_go_as_they_should(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, BYTEME_WARM_POOL_SIZE="2") as server:
        tenant = server.tenant()
        eventually(
            lambda: any(server.metrics().get(f'byteme_warm_ready{{profile="{p}"}}') for p in PROFILES), "one", 120
        )
        run_id = submit(tenant, TICKER)
        eventually(lambda: b"20\n" in output(tenant, run_id), "some output")
        waited = {name for name in server.containers() if name.startswith("warm-")}
        server.kill()
        server.start()
        run = finished(tenant, run_id)
        assert (run["exit_code"], output(tenant, run_id)) == (3, b"".join(b"%d\n" % n for n in range(150)))
        assert not waited & set(server.containers())


def test_a_run_that_ended_long_before_the_server_came_back_did_not_time_out(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    code = "import time; print('start', flush=True); time.sleep(1); print('end')"
    run_id = submit(tenant, code, limits={"timeout_s": 3})
    eventually(lambda: output(tenant, run_id) == b"start\n", "the first line")
    own_server.kill()
    died = time.monotonic()
    eventually(lambda: not running(own_server) and time.monotonic() - died > 3, "its time to be up", 30)
    own_server.start()
    assert finished(tenant, run_id)["state"] == "succeeded"
    assert output(tenant, run_id) == b"start\nend\n"


def test_a_cancel_and_a_deadline_hold_over_a_restart(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    late = submit(tenant, "import time; print('up', flush=True); time.sleep(600)", limits={"timeout_s": 4})
    eventually(lambda: output(tenant, late) == b"up\n", "it to run")
    own_server.kill()
    own_server.start()
    assert finished(tenant, late)["reason"] == "timeout"


def test_a_graceful_stop_leaves_runs_to_the_next_start(own_server: ServerProcess) -> None:
    tenant = own_server.tenant()
    run_id = submit(tenant, TICKER)
    eventually(lambda: b"5\n" in output(tenant, run_id), "some output")
    own_server.stop()
    own_server.start()
    assert finished(tenant, run_id)["exit_code"] == 3
    assert output(tenant, run_id) == b"".join(b"%d\n" % n for n in range(150))


def test_a_second_server_on_the_same_data_is_refused(own_server: ServerProcess) -> None:
    second = ServerProcess(own_server.data_dir.parent)
    second.settings["BYTEME_DATA_DIR"] = str(own_server.data_dir)
    with pytest.raises(AssertionError, match="Another server uses the data folder"):
        second.start()


def test_a_container_removed_behind_our_back_is_told_as_the_platform_s_failure(own_server: ServerProcess) -> None:
    import docker

    tenant = own_server.tenant()
    run_id = submit(tenant, "import time; print('up', flush=True); time.sleep(600)")
    eventually(lambda: output(tenant, run_id) == b"up\n", "it to run")
    api = docker.APIClient(timeout=30)
    api.remove_container(own_server.containers()[0], force=True)
    api.close()
    run = finished(tenant, run_id)
    assert (run["state"], run["reason"]) == ("failed", "host_lost")
    assert output(tenant, run_id) == b"up\n"


def running(server: ServerProcess) -> bool:
    import docker

    api = docker.APIClient(timeout=30)
    listed = api.containers(filters={"label": f"byteme.owner={server.data_dir.resolve()}"})
    api.close()
    return bool(listed)
