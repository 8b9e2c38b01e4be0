"""Where hostile programs are let loose: a server, and a bystander whose work goes on."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx

from client import ApiError, Client, Output
from tests.sandbox.hostile.catalogue import DATASET, Program
from tests.server_process import ServerProcess, finished, raw_run
from tests.waiting import eventually

MIB = 1 << 20
OUTPUT_BYTES = 16 * MIB
SAID_BYTES = 4 * MIB  # of an output that are looked at
AT_ONCE = 4
UIDS = range(31000, 32536)  # users of their own: what is left of these can be told from others'
_COMMON = {"BYTEME_RUN_SLOTS": str(AT_ONCE + 1), "BYTEME_QUOTA": '{"output_mb": 16}'}
SETTINGS = {
    "cold": {**_COMMON, "BYTEME_SANDBOX_UIDS": "31000,31511"},
    # So much memory that only sandboxes without libraries wait: those that these programs are given.
    "warm": {**_COMMON, "BYTEME_SANDBOX_UIDS": "31512,32023", "BYTEME_WARM_POOL_SIZE": "4", "BYTEME_WARM_MEMORY_MB": "100"},
    "gvisor": {**_COMMON, "BYTEME_SANDBOX_UIDS": "32024,32535", "BYTEME_SANDBOX_RUNTIME": "runsc"},
}  # fmt: skip
STEADY = """
import sys, threading
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
count = 0
while not stop.wait(0.1):
    print(count, flush=True)
    count += 1
"""


class Arena:
    """Enter it to let the bystander begin; leaving it fails if the bystander was disturbed or a sandbox is left."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.bystander, self.attacker = server.tenant(), server.tenant()
        self._dataset = self._upload()
        self._live = self.bystander.launch({"files": {"main.py": STEADY}, "limits": {"timeout_s": 3000}})
        self._heard = bytearray()
        self._problems: list[str] = []
        self._stop = threading.Event()
        self._taking = threading.Lock()
        self._hands = ThreadPoolExecutor(AT_ONCE)
        self._watchers = [threading.Thread(target=watch) for watch in (self._hear, self._ask)]
        self._memory_before = 0

    def __enter__(self) -> Self:
        for watcher in self._watchers:
            watcher.start()
        eventually(lambda: self._heard, "the bystander's run to run", 60)
        self._memory_before = self.server.memory_bytes
        return self

    def __exit__(self, *_: object) -> None:
        self._hands.shutdown(cancel_futures=True)
        eventually(lambda: self._heard.count(b"\n") > 20, "the bystander to have done something")
        self._stop.set()
        self._live.send_input(b"enough\n")
        for watcher in self._watchers:
            watcher.join(60)
        self._live.close()
        self._was_undisturbed()
        self._leaves_nothing()

    def run(self, program: Program, tenant: Client | None = None) -> Mapping[str, Any]:
        tenant = tenant or self.attacker
        return finished(tenant, self.submit(program, tenant), 240)

    def begin(self, program: Program) -> "Future[Mapping[str, Any]]":
        """Runs it beside others, when its turn comes."""
        return self._hands.submit(self.run, program)

    def submit(self, program: Program, tenant: Client) -> str:
        """The id of its run; where sandboxes wait, once it has been given one that did."""
        request = program.request
        if program.dataset:
            request["datasets"] = [{"id": self._dataset, "name": "train.csv"}]
        if self.server.settings["BYTEME_WARM_POOL_SIZE"] == "0":
            return str(tenant.submit(request).id)
        with self._taking:
            self.server.await_warm("bare")
            run_id = str(tenant.submit(request).id)
            with suppress(AssertionError):  # the test tells that it was cold
                eventually(lambda: raw_run(tenant, run_id)["state"] not in {"queued", "starting"}, "it to start")
        return run_id

    def said(self, tenant: Client, run_id: str) -> bytes:
        """The beginning of a run's output."""
        said = bytearray()
        for piece in tenant.output(run_id):
            said += piece
            if len(said) > SAID_BYTES:
                break
        return bytes(said)

    def dataset_on_disk(self) -> bytes:
        return (self.server.data_dir / "datasets" / self._dataset / "data").read_bytes()

    def _upload(self) -> str:
        file = self.server.data_dir.parent / "train.csv"
        file.write_bytes(DATASET)
        return self.attacker.upload_dataset(file.name, file).id

    # the bystander

    def _hear(self) -> None:
        for event in self._live:
            if isinstance(event, Output):
                self._heard += event.data

    def _ask(self) -> None:
        while not self._stop.wait(0.5):
            try:
                assert httpx.get(f"{self.server.url}/healthz", timeout=30).status_code == 200
                assert self.bystander.me().id
            except (AssertionError, httpx.HTTPError, ApiError) as error:
                self._problems.append(repr(error))

    def _was_undisturbed(self) -> None:
        run = raw_run(self.bystander, self._live.run_id)
        assert run["state"] == "succeeded", run["message"]
        assert bytes(self._heard) == b"".join(b"%d\n" % n for n in range(self._heard.count(b"\n")))
        assert self._problems == []
        assert self.server.memory_bytes - self._memory_before < 128 * MIB

    # afterwards

    def _leaves_nothing(self) -> None:
        """What still waits for runs is cleared away by the server as it stops."""
        eventually(lambda: not self._of_runs(), "the last run's sandbox to be gone", 60)
        self.server.stop()
        assert self.server.containers() == []
        assert self.server.mounts() == []
        assert [path.name for path in self._storage()] == [".templates"]

    def _of_runs(self) -> list[str]:
        """The containers and the storage that runs were given."""
        given = [path.name for path in self._storage() if path.name.startswith("run-") or (path / "run.json").exists()]
        return given + [name for name in self.server.containers() if name.startswith("run-")]

    def _storage(self) -> list[Path]:
        return list(self.server.data_dir.glob("sandboxes/*"))
