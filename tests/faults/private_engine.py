"""A Docker engine of the tests' own, to be killed: another data folder, another socket, nothing shared but the kernel."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

import docker
import requests

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "byteme/sandbox:base"  # Python without libraries: small enough to be loaded in seconds
UNREACHABLE = (docker.errors.DockerException, requests.RequestException, OSError)


class PrivateEngine:
    """Started with `with`. What it leaves (containers, shims, mounts, files) is removed at the end."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="byteme-engine-", dir="/tmp"))  # short: it holds sockets
        self.url = f"unix://{self.folder}/sock"
        self._bridge = f"bm-{secrets.token_hex(4)}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._make_bridge()
        self.start()
        self._load(os.environ.get("BYTEME_TEST_BASE_IMAGE") or _base_image())
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(*UNREACHABLE):
            self._remove_containers()
        self.end(signal.SIGTERM)
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not self._processes(), "the engine's processes to go")
        for point in reversed(_mounts_below(self.folder)):
            subprocess.run(["umount", "-l", point], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", self._bridge], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *, live_restore: bool = False) -> None:
        """Starts it and waits until it answers."""
        config = self.folder / "daemon.json"
        config.write_text(json.dumps({"live-restore": live_restore}))
        command = [
            "dockerd", f"--config-file={config}", f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec",
            f"--pidfile={self.folder}/pid", f"--host={self.url}", f"--bridge={self._bridge}", "--iptables=false",
            "--ip6tables=false", "--ip-masq=false",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        eventually(self.answers, "the private engine to answer", 60)

    def end(self, how: signal.Signals) -> None:
        """The daemon alone: its containers are its own affair."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(60)
        self._forget_containerd()

    def _make_bridge(self) -> None:
        """Of its own: an engine that is to have none deletes that of the engine beside it."""
        for command in (
            f"link add {self._bridge} type bridge", f"addr add 10.99.{secrets.randbelow(256)}.1/24 dev {self._bridge}",
            f"link set {self._bridge} up",
        ):  # fmt: skip
            subprocess.run(["ip", *command.split()], check=True, timeout=30)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        try:
            with closing(docker.APIClient(self.url, timeout=10, version="1.41")) as api:
                return bool(api.ping())
        except UNREACHABLE:
            return False

    def _forget_containerd(self) -> None:
        """It goes with its daemon. What is left of it until somebody reaps it, the next daemon would take for alive."""
        file = self.folder / "exec" / "containerd" / "containerd.pid"
        if file.exists():
            pid = int(file.read_text())
            eventually(lambda: not _is_alive(pid), "containerd to go")
            file.unlink(missing_ok=True)

    def _load(self, image: str) -> None:
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
            subprocess.run(
                ["docker", "-H", self.url, "load", "-q"], stdin=save.stdout, stdout=subprocess.DEVNULL, check=True,
                timeout=120,
            )  # fmt: skip
        subprocess.run(["docker", "-H", self.url, "tag", image, IMAGE], check=True, timeout=30)

    def _remove_containers(self) -> None:
        api = docker.APIClient(self.url, timeout=30, version="1.41")
        for item in api.containers(all=True):
            with suppress(docker.errors.APIError):
                api.remove_container(item["Id"], force=True, v=True)
        api.close()

    def _processes(self) -> list[int]:
        """Those that were started with a path of ours: the daemon, containerd, shims."""
        ours = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if os.fsencode(self.folder) in entry.read_bytes():
                    ours.append(int(entry.parent.name))
        return ours


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def _base_image() -> str:
    """The sandbox image's `base` target, built if its files changed."""
    done = subprocess.run(
        ["scripts/sandbox_image.sh"], cwd=ROOT, env=os.environ | {"TARGET": "base"}, check=False, capture_output=True,
        text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return IMAGE


def _mounts_below(folder: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [point for line in lines if (point := line.split()[4]).startswith(str(folder))]
