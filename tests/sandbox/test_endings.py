"""Every run ends once, with its true reason and a message that a person understands."""

import pytest

from tests.server_process import ServerProcess, finished, output, raw_run, run_program, submit
from tests.waiting import eventually

SLEEPER = "import time\nprint('up', flush=True)\ntime.sleep(600)"
STUBBORN = """
import os, signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0: os.setsid(); time.sleep(600)
print('up', flush=True)
time.sleep(600)
"""
FILL_DISK = """
with open('fill', 'wb', buffering=0) as f:
    while True: f.write(bytes(1 << 20))
"""
CHILD_OUT_OF_MEMORY = """
import subprocess, sys
subprocess.run([sys.executable, '-c', 'x = bytearray(1 << 30)'], check=True)
"""

ENDINGS = {
    "success": ("print('fine')", {}, ("succeeded", None, 0, "Finished.")),
    "exit_code": ("raise SystemExit(7)", {}, ("failed", "exit_code", 7, "exit code 7")),
    "exception": ("1/0", {}, ("failed", "exit_code", 1, "exit code 1")),
    "signal": ("import os; os.kill(os.getpid(), 11)", {}, ("failed", "exit_code", 139, "SIGSEGV")),
    "fake_oom": ("raise SystemExit(137)", {}, ("failed", "exit_code", 137, "exit code 137")),
    "timeout": (SLEEPER, {"timeout_s": 1}, ("failed", "timeout", 137, "Time limit 1 s reached.")),
    "stubborn_timeout": (STUBBORN, {"timeout_s": 1}, ("failed", "timeout", 137, "Time limit 1 s reached.")),
    "memory": (
        "x = bytearray(1 << 30)",
        {"memory_mb": 128},
        ("failed", "out_of_memory", 137, "Memory limit 128 MB reached; peak 128 MB."),
    ),
    "child_memory": (CHILD_OUT_OF_MEMORY, {"memory_mb": 128}, ("failed", "out_of_memory", 1, "Memory limit 128 MB")),
    "disk": (FILL_DISK, {"disk_mb": 32}, ("failed", "disk_limit", 1, "Disk limit 32 MB reached.")),
    "closed_streams": (
        "import os\nos.close(1); os.close(2); os._exit(9)",
        {},
        ("failed", "exit_code", 9, "exit code 9"),
    ),
    "no_such_image": (
        "pass",
        {"image": "nowhere"},
        ("failed", "image_unavailable", None, "There is no image 'nowhere'"),
    ),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_every_ending_is_told_truly(server: ServerProcess, case: str) -> None:
    code, options, (state, reason, exit_code, message) = ENDINGS[case]
    request = {"image": options["image"]} if "image" in options else {"limits": options}
    run = run_program(server.tenant(), code, **request)
    assert (run["state"], run["reason"], run["exit_code"]) == (state, reason, exit_code), run["message"]
    assert message in run["message"]


@pytest.mark.parametrize("code", [SLEEPER, STUBBORN])
def test_cancel_ends_the_whole_process_tree_and_keeps_what_was_said(server: ServerProcess, code: str) -> None:
    tenant = server.tenant()
    run_id = submit(tenant, code)
    eventually(lambda: output(tenant, run_id) == b"up\n", "the program's first line")
    tenant.cancel(run_id)
    run = finished(tenant, run_id, 10)
    assert (run["state"], run["reason"]) == ("cancelled", None)
    assert output(tenant, run_id) == b"up\n"
    eventually(lambda: not any(run_id in name for name in server.containers()), "the container to be gone")


def test_a_queued_run_shows_its_position_and_is_cancelled_at_once(server: ServerProcess) -> None:
    tenant = server.tenant()
    running = [submit(tenant, SLEEPER) for _ in range(4)]
    eventually(lambda: all(raw_run(tenant, r)["state"] == "running" for r in running), "four to run", 60)
    waiting = [submit(tenant, SLEEPER) for _ in range(2)]
    assert [raw_run(tenant, r)["queue_position"] for r in waiting] == [1, 2]
    tenant.cancel(waiting[0])
    assert raw_run(tenant, waiting[0])["state"] == "cancelled"
    assert raw_run(tenant, waiting[1])["queue_position"] == 1
    for run_id in (*running, waiting[1]):
        tenant.cancel(run_id)
    for run_id in (*running, waiting[1]):
        assert finished(tenant, run_id)["state"] == "cancelled"


def test_cancel_right_after_submit_never_leaves_anything(server: ServerProcess) -> None:
    tenant = server.tenant()
    runs = [submit(tenant, SLEEPER) for _ in range(6)]
    for run_id in runs:
        tenant.cancel(run_id)
    assert [finished(tenant, run_id)["state"] for run_id in runs] == ["cancelled"] * 6
    eventually(lambda: not any(r in name for name in server.containers() for r in runs), "no container to be left")


def test_cancelling_an_ended_run_is_a_conflict(server: ServerProcess) -> None:
    from client import Conflict

    tenant = server.tenant()
    run = run_program(tenant, "pass")
    with pytest.raises(Conflict):
        tenant.cancel(run["id"])
