#!/usr/bin/env python3
"""Measures ByteMe against plain Docker on the same image and the same programs, the sides taking turns in one run.

Prints ratios first: this machine's absolute times say little about another's. `--quick` repeats less.
    submit to first byte, submit to terminal state   against   docker run --rm
    output, program to client, 100-byte lines        against   docker logs -f
    artifacts, collected and downloaded              against   docker cp
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from client import Client, Output, StateChange  # noqa: E402
from tests.server_process import ServerProcess  # noqa: E402

PYTHON = "/opt/venv/bin/python3"
HELLO = "print('hello')"
TORCH = "import torch; print(torch.ones(3).sum().item())"
LINES = "import sys\nblock = b'%099d\\n' % 7 * 1000\nfor _ in range({blocks}): sys.stdout.buffer.write(block)\n"
ARTIFACT = (
    "with open('outputs/model.bin', 'wb') as f:\n for n in range({mib}): f.write(n.to_bytes(8, 'big') * (1 << 17))\n"
)


def image() -> str:
    return os.environ.get("BYTEME_SANDBOX_IMAGE", "byteme/sandbox:latest")


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def timed_docker_run(program: Path) -> tuple[float, float]:
    """Seconds to the first byte and to the end of `docker run --rm`."""
    command = [
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        f"{program}:/workspace/main.py:ro",
        "--entrypoint",
        PYTHON,
    ]
    begin = time.perf_counter()
    with subprocess.Popen([*command, image(), "-u", "/workspace/main.py"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read(1)
        first = time.perf_counter() - begin
        process.stdout.read()
    return first, time.perf_counter() - begin


def timed_run(tenant: Client, program: Path) -> tuple[float, float]:
    """Seconds from submitting over the socket to the first byte of output and to the terminal state."""
    request = {"files": {"main.py": program.read_text()}}
    begin, first = time.perf_counter(), 0.0
    with tenant.launch(request) as live:
        for event in live:
            if isinstance(event, Output) and not first:
                first = time.perf_counter() - begin
    return first, time.perf_counter() - begin


def output_rate_docker(blocks: int) -> float:
    """MB/s of `docker logs -f` for a container that prints, from its start to the last byte."""
    begin = time.perf_counter()
    name = docker(
        "run", "-d", "--network", "none", "--entrypoint", PYTHON, image(), "-u", "-c", LINES.format(blocks=blocks)
    )
    with subprocess.Popen(["docker", "logs", "-f", name], stdout=subprocess.PIPE) as process:
        size, start = drain(process.stdout, begin)
    seconds = time.perf_counter() - start
    docker("rm", "-f", name)
    assert size == blocks * 100_000, f"docker logs lost output: {size}"
    return size / 1e6 / seconds


def drain(stream: object, begin: float) -> tuple[int, float]:
    size, start = 0, begin
    while piece := stream.read1(1 << 20):  # type: ignore[attr-defined]
        start = start if size else time.perf_counter()
        size += len(piece)
    return size, start


def output_rate(tenant: Client, blocks: int) -> float:
    """MB/s from a program to a client of the socket, from the first byte to the last."""
    size, start, end = 0, 0.0, 0.0
    with tenant.launch({"files": {"main.py": LINES.format(blocks=blocks)}}) as live:
        for event in live:
            if isinstance(event, Output):
                start = start or time.perf_counter()
                size, end = size + len(event.data), time.perf_counter()
    assert size == blocks * 100_000
    return size / 1e6 / (end - start)


def artifact_rate_docker(mib: int, folder: Path) -> float:
    code = "import os; os.makedirs('/tmp/outputs'); os.chdir('/tmp')\n" + ARTIFACT.format(mib=mib)
    name = docker("run", "-d", "--network", "none", "--entrypoint", PYTHON, image(), "-c", code)
    docker("wait", name)
    begin = time.perf_counter()
    docker("cp", f"{name}:/tmp/outputs/model.bin", str(folder / "docker.bin"))
    seconds = time.perf_counter() - begin
    docker("rm", "-f", name)
    (folder / "docker.bin").unlink()
    return mib * 1.048576 / seconds


def artifact_rates(server: ServerProcess, tenant: Client, mib: int, folder: Path) -> tuple[float, float]:
    """MB/s of collecting (the state of that name) and of downloading."""
    request = {"files": {"main.py": ARTIFACT.format(mib=mib)}, "limits": {"disk_mb": mib * 2, "timeout_s": 600}}
    entered: dict[str, float] = {}
    with tenant.launch(request) as live:
        for event in live:
            if isinstance(event, StateChange):
                entered.setdefault(event.run.state, time.perf_counter())
    collected, run_id = entered["succeeded"] - entered["collecting"], live.run_id
    begin = time.perf_counter()
    url = f"{server.url}/api/v1/runs/{run_id}/artifacts/model.bin"
    command = ["curl", "--silent", "--fail", "--header", f"Authorization: Bearer {server.token(tenant)}", url]
    subprocess.run([*command, "--output", str(folder / "ours.bin")], check=True)
    downloaded = time.perf_counter() - begin
    (folder / "ours.bin").unlink()
    return mib * 1.048576 / collected, mib * 1.048576 / downloaded


def alternate(rounds: int, *sides: Callable[[], object]) -> list[list[object]]:
    """Each side once a round, in turn."""
    results: list[list[object]] = [[] for _ in sides]
    for _ in range(rounds):
        for values, side in zip(results, sides, strict=True):
            values.append(side())
    return results


def row(name: str, ours: list[float], theirs: list[float], unit: str, wanted: str, *, more_is_better: bool) -> str:
    a, b = statistics.median(ours), statistics.median(theirs)
    places = 0 if more_is_better else 3
    return f"| {name} | **{a / b:.2f}×** | {wanted} | {a:.{places}f} {unit} | {b:.{places}f} {unit} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds")
    quick = parser.parse_args().quick
    rounds, blocks, mib = (3, 300, 128) if quick else (11, 1000, 512)
    with tempfile.TemporaryDirectory(prefix="byteme-bench-") as temp:
        folder = Path(temp)
        quota = json.dumps({"output_mb": 1024})
        with ServerProcess(folder, BYTEME_QUOTA=quota, BYTEME_RUN_SLOTS="1") as server:
            for line in measure(server, folder, rounds, blocks, mib):
                print(line, flush=True)


def measure(server: ServerProcess, folder: Path, rounds: int, blocks: int, mib: int) -> list[str]:
    tenant, lines = server.tenant(), ["| what | ratio | wanted | ByteMe | Docker |", "|---|---|---|---|---|"]
    for name, code in (("hello", HELLO), ("import torch", TORCH)):
        program = folder / f"{name.split()[-1]}.py"
        program.write_text(code)
        ours, theirs = alternate(rounds, lambda p=program: timed_run(tenant, p), lambda p=program: timed_docker_run(p))
        for index, step in enumerate(("first byte", "terminal state")):
            sides = [[times[index] for times in side] for side in (ours, theirs)]
            lines.append(row(f"{name}: submit to {step}, cold", *sides, "s", "≤ 1.25×", more_is_better=False))
    few = max(3, rounds // 3)
    ours, theirs = alternate(few, lambda: output_rate(tenant, blocks), lambda: output_rate_docker(blocks))
    lines.append(row("output to a client, 100-byte lines", ours, theirs, "MB/s", "≥ 3×", more_is_better=True))
    both, theirs = alternate(
        few, lambda: artifact_rates(server, tenant, mib, folder), lambda: artifact_rate_docker(mib, folder)
    )
    for index, step in enumerate(("collected", "downloaded")):
        lines.append(
            row(f"artifact {step}", [rates[index] for rates in both], theirs, "MB/s", "≥ 1×", more_is_better=True)
        )
    return lines


if __name__ == "__main__":
    main()
