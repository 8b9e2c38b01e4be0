"""A ByteMe server as its users meet it: a process, a port, a data folder."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import docker

from client import Client, Tokens
from client.tokens import MemoryVault
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parent.parent
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@example.com", "operator-password"
TERMINAL = {"succeeded", "failed", "cancelled"}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class ServerProcess:
    """Start it with `with`. It is stopped, and its containers and mounts removed, at the end."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir / "data"
        self.settings = {
            "BYTEME_PORT": "0",
            "BYTEME_RATE_LIMITS": "off",
            "BYTEME_RUN_SLOTS": "4",
            "BYTEME_ADMIN_EMAIL": ADMIN_EMAIL,
            "BYTEME_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "BYTEME_SHUTDOWN_GRACE_S": "0",
            "BYTEME_MIN_FREE_DISK_MB": "100",
            "BYTEME_WARM_POOL_SIZE": "0",
            "BYTEME_SANDBOX_IMAGE": os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest"),
            "BYTEME_DATA_DIR": str(self.data_dir),
        } | settings
        self.log = data_dir / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.wrapper: list[str] = []  # a command that is to run the server
        self._vaults: dict[int, MemoryVault] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.clean_up()

    def start(self) -> None:
        """Starts it, on the port that it had, and waits until it says that it is ready."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BYTEME_")} | self.settings
        with self.log.open("ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [*self.wrapper, sys.executable, "-m", "server"], cwd=ROOT, env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.url = eventually(lambda: self._said_url(begin), "the server to be ready", 60)
        self.settings["BYTEME_PORT"] = self.url.rpartition(":")[2]

    def kill(self) -> None:
        """kill -9: no last words."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, as an operator's process manager does it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def memory_bytes(self) -> int:
        """The server's resident memory now."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10  # type: ignore[index]

    def tenant(self) -> Client:
        """A new tenant, signed in."""
        vault = MemoryVault(Tokens(""))
        client = Client(self.url, vault=vault)
        self._vaults[id(client)] = vault
        email, password = f"{secrets.token_hex(6)}@example.com", secrets.token_hex(12)
        client.register(email, password)
        client.login(email, password)
        return client

    def token(self, tenant: Client) -> str:
        """The access token of a client that `tenant` made."""
        return self._vaults[id(tenant)].load().access

    def metrics(self) -> dict[str, float]:
        """What /metrics shows, by name and labels as they stand there."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}

    def await_warm(self, *profiles: str) -> None:
        """Until a sandbox of each of these profiles waits for a run."""
        names = [f'byteme_warm_ready{{profile="{profile}"}}' for profile in profiles]
        eventually(lambda: all(map(self.metrics().get, names)), f"sandboxes to wait ({', '.join(profiles)})", 120)

    def admin(self) -> Client:
        client = Client(self.url)
        client.login(ADMIN_EMAIL, ADMIN_PASSWORD)
        return client

    def containers(self) -> list[str]:
        """The names of this server's containers, in whatever state."""
        api = self.engine()
        listed = api.containers(all=True, filters={"label": f"byteme.owner={self.data_dir.resolve()}"})
        api.close()
        return [item["Names"][0].lstrip("/") for item in listed if item["State"] != "removing"]

    def mounts(self) -> list[str]:
        """What is mounted below the data folder."""
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        return [point for line in lines if (point := line.split()[4]).startswith(str(self.data_dir.resolve()))]

    def engine(self) -> docker.APIClient:
        """A connection to the engine that the server uses; whoever asks closes it."""
        return docker.APIClient(self.settings.get("BYTEME_DOCKER_HOST"), timeout=30, version="1.41")

    def clean_up(self) -> None:
        api = self.engine()
        with suppress(docker.errors.DockerException, OSError):  # an engine that is away keeps no mount
            for name in self.containers():
                with suppress(docker.errors.APIError):  # the server, or the engine, is at it too
                    api.remove_container(name, force=True, v=True)
        api.close()
        for point in reversed(self.mounts()):
            subprocess.run(["umount", "-l", point], check=False, capture_output=True)

    def _said_url(self, begin: int) -> str | None:
        assert self.process is not None
        said = self.log.read_bytes()[begin:].decode()
        if found := re.search(r"ByteMe is ready at (\S+)", said):
            return found[1]
        assert self.process.poll() is None, f"the server did not start:\n{said}"
        return None


def submit(tenant: Client, code: str, **request: Any) -> str:
    """Submits a program of one file; the id of its run."""
    return str(tenant.submit({"files": {"main.py": code}, **request}).id)


def finished(tenant: Client, run_id: str, seconds: float = 120) -> Mapping[str, Any]:
    """The run as the API shows it, once it has ended."""
    look: Callable[[], Mapping[str, Any] | None] = lambda: _if_ended(tenant, run_id)  # noqa: E731
    return eventually(look, f"run {run_id} to end", seconds)


def run_program(tenant: Client, code: str, **request: Any) -> Mapping[str, Any]:
    """Submits a program and waits for its end."""
    return finished(tenant, submit(tenant, code, **request))


def output(tenant: Client, run_id: str) -> bytes:
    return b"".join(tenant.output(run_id))


def _if_ended(tenant: Client, run_id: str) -> Mapping[str, Any] | None:
    run = raw_run(tenant, run_id)
    return run if run["state"] in TERMINAL else None


def raw_run(tenant: Client, run_id: str) -> Mapping[str, Any]:
    return tenant.run(run_id).raw
