"""How fast bytes travel: output from a program to its client, artifacts to the store and from there."""

import subprocess
import time
from pathlib import Path
from typing import BinaryIO

from client import Client, Output
from scripts.bench.byteme import BenchServer
from scripts.bench.results import Rate
from scripts.bench.sides import IMAGE, LABEL, PYTHON, docker

LINES = "import sys\nblock = b'%099d\\n' % 7 * 1000\nfor _ in range({blocks}): sys.stdout.buffer.write(block)\n"
ARTIFACT = (
    "with open('outputs/model.bin', 'wb') as f:\n for n in range({mib}): f.write(n.to_bytes(8, 'big') * (1 << 17))\n"
)
COLLECTING = {"collecting", "collect", "finish"}
BLOCK_BYTES = 100_000
MIB = 1.048576  # MB
OUTPUT, COLLECTED, DOWNLOADED = "output to a client, 100-byte lines", "artifact collected", "artifact downloaded"
OURS, LOGS, COPY = "ByteMe", "docker logs -f", "docker cp"


def rates(server: BenchServer, folder: Path, rounds: int, blocks: int, mib: int) -> list[Rate]:
    """Each side once a round, in turn."""
    tenant = server.tenant()
    samples = {key: Rate(*key, []) for key in _KEYS}
    for _ in range(rounds):
        samples[OUTPUT, OURS].mb_per_s.append(output_rate(tenant, blocks))
        samples[OUTPUT, LOGS].mb_per_s.append(output_rate_docker(blocks))
        collected, downloaded = artifact_rates(server, tenant, mib, folder)
        samples[COLLECTED, OURS].mb_per_s.append(collected)
        samples[DOWNLOADED, OURS].mb_per_s.append(downloaded)
        copied = artifact_rate_docker(mib, folder)
        samples[COLLECTED, COPY].mb_per_s.append(copied)
        samples[DOWNLOADED, COPY].mb_per_s.append(copied)
    return list(samples.values())


_KEYS = ((OUTPUT, OURS), (OUTPUT, LOGS), (COLLECTED, OURS), (COLLECTED, COPY), (DOWNLOADED, OURS), (DOWNLOADED, COPY))


def output_rate(tenant: Client, blocks: int) -> float:
    """MB/s from a program to a client of the socket, from the first byte to the last."""
    size, start, end = 0, 0.0, 0.0
    with tenant.launch({"files": {"main.py": LINES.format(blocks=blocks)}}) as live:
        for event in live:
            if isinstance(event, Output):
                start = start or time.perf_counter()
                size, end = size + len(event.data), time.perf_counter()
    assert size == blocks * BLOCK_BYTES, f"output was lost: {size} bytes came"
    return size / 1e6 / (end - start)


def output_rate_docker(blocks: int) -> float:
    """MB/s of `docker logs -f` for a container that prints, from the first byte to the last."""
    name = _printing("-c", LINES.format(blocks=blocks))
    with subprocess.Popen(["docker", "logs", "-f", name], stdout=subprocess.PIPE) as process:
        assert process.stdout
        size, seconds = _drained(process.stdout)  # type: ignore[arg-type]
    docker("rm", "-f", name)
    assert size == blocks * BLOCK_BYTES, f"docker logs lost output: {size} bytes came"
    return size / 1e6 / seconds


def _printing(*arguments: str) -> str:
    return docker("run", "-d", "--network", "none", "--label", LABEL, "--entrypoint", PYTHON, IMAGE, "-u", *arguments)


def _drained(stream: BinaryIO) -> tuple[int, float]:
    size = len(stream.read(1))
    start = time.perf_counter()
    while piece := stream.read(1 << 20):
        size += len(piece)
    return size, time.perf_counter() - start


def artifact_rates(server: BenchServer, tenant: Client, mib: int, folder: Path) -> tuple[float, float]:
    """MB/s of collecting (the steps of the run's trace until it has ended) and of downloading."""
    request = {"files": {"main.py": ARTIFACT.format(mib=mib)}, "limits": {"disk_mb": mib * 2, "timeout_s": 600}}
    with tenant.launch(request) as live:
        list(live)
    spans = tenant.run(live.run_id).raw["trace"]
    collected = sum(span["ms"] for span in spans if span["step"] in COLLECTING) / 1000
    url = f"{server.url}/api/v1/runs/{live.run_id}/artifacts/model.bin"
    downloaded = _download(url, server.token(tenant), folder / "ours.bin", mib)
    return mib * MIB / collected, mib * MIB / downloaded


def _download(url: str, token: str, target: Path, mib: int) -> float:
    command = ["curl", "--silent", "--fail", "--header", f"Authorization: Bearer {token}", url, "--output", str(target)]
    begin = time.perf_counter()
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - begin
    _check_and_remove(target, mib)
    return seconds


def artifact_rate_docker(mib: int, folder: Path) -> float:
    name = _printing("-c", "import os; os.makedirs('/tmp/outputs'); os.chdir('/tmp')\n" + ARTIFACT.format(mib=mib))
    docker("wait", name)
    target = folder / "docker.bin"
    begin = time.perf_counter()
    docker("cp", f"{name}:/tmp/outputs/model.bin", str(target))
    seconds = time.perf_counter() - begin
    docker("rm", "-f", name)
    _check_and_remove(target, mib)
    return mib * MIB / seconds


def _check_and_remove(target: Path, mib: int) -> None:
    assert target.stat().st_size == mib << 20, f"{target.name}: {target.stat().st_size} bytes"
    target.unlink()
