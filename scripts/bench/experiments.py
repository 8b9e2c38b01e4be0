"""Which sides take part in what, and how often."""

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from scripts.bench import attack, idle, measure, rates
from scripts.bench.byteme import SLOTS, BenchServer, ByteMe, PoolEmpty
from scripts.bench.measure import Say, Turn
from scripts.bench.programs import HELLO, LIBRARIES, LIKE_LIBRARIES, TORCH, TRAINING, Program
from scripts.bench.results import Batch, Results
from scripts.bench.sides import DockerExec, DockerRun, Peer, Side, Subprocess, docker
from server.domain.quota import Quota

POOL = 4  # as the server has it unless told otherwise
LARGE_POOL = 16
PARALLEL = (1, 2, 3, 4, 8)  # of `docker run`; the best one counts
BURST, SUSTAINED, TRIAL = "while the pool lasts", "sustained", "trial"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done: rounds by program, every how many of them a slow side takes part, and so on."""

    rounds: dict[Program, int]
    slow_every: int
    levels: tuple[int, ...]
    runs: int
    trial_runs: int
    repeats: int
    idle_s: float
    blocks: int
    mib: int
    attack_s: float


FULL = Size(
    {HELLO: 24, TORCH: 6, LIBRARIES: 12, TRAINING: 4}, slow_every=4, levels=(1, 2, 4, 8, 16, 32, 64), runs=200,
    trial_runs=40, repeats=2, idle_s=20, blocks=1000, mib=512,
    attack_s=5,
)  # fmt: skip
QUICK = Size(
    {HELLO: 10, TORCH: 3, LIBRARIES: 5, TRAINING: 2}, slow_every=5, levels=(1, 4, 16), runs=40, trial_runs=16,
    repeats=1, idle_s=20, blocks=300, mib=128,
    attack_s=3,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bench:
    """What every experiment is given: a folder of its own, the peer's Python, how much to do, and whom to tell."""

    folder: Path
    peer_python: Path
    size: Size
    say: Say
    numbers: Iterator[int]

    @contextmanager
    def server(
        self, pool: int = 0, runtime: str = "runc", slots: int = SLOTS, output_mb: int = 1024
    ) -> Iterator[BenchServer]:  # fmt: skip
        """Started with its pool full, and cleaned up."""
        folder = self.folder / f"server-{next(self.numbers)}"
        with BenchServer(folder, pool=pool, runtime=runtime, slots=slots, output_mb=output_mb) as server:
            server.settle()
            yield server


def make_bench(folder: Path, peer_python: Path, size: Size, say: Say) -> Bench:
    (folder / "programs").mkdir()
    return Bench(folder, peer_python, size, say, count(1))


def about() -> dict[str, str]:
    """What the numbers were taken on."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    engine = docker("version", "--format", "{{.Server.Version}}")
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "host": f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}",
        "engine": f"Docker {engine}, {docker('info', '--format', '{{.Driver}}')}",
    }


def latency(bench: Bench) -> Results:
    with ExitStack() as stack:
        turns = _turns(bench, stack)
        samples = []
        for program, rounds in bench.size.rounds.items():
            samples += measure.latency(program, turns, rounds, bench.say)
    return Results(latency=samples)


def _turns(bench: Bench, stack: ExitStack) -> list[Turn]:
    """All the ways there are. Those under gVisor are slow, and go more seldom."""
    enter, programs, seldom = stack.enter_context, bench.folder / "programs", bench.size.slow_every
    turns = [
        Turn(DockerRun(programs)),
        Turn(ByteMe("ByteMe, cold", enter(bench.server()), warm=False)),
        Turn(ByteMe("ByteMe, warm", enter(bench.server(POOL)), warm=True)),
        Turn(PoolEmpty(enter(bench.server(1)))),
        Turn(DockerExec(programs)),
        Turn(enter(Subprocess(programs))),
        Turn(enter(Peer("session", bench.peer_python))),
        Turn(enter(Peer("pool", bench.peer_python))),
    ]
    if has_gvisor():
        turns += [
            Turn(DockerRun(programs, "runsc"), seldom),
            Turn(ByteMe("ByteMe, cold, gVisor", enter(bench.server(runtime="runsc")), warm=False), seldom),
            Turn(ByteMe("ByteMe, warm, gVisor", enter(bench.server(POOL, "runsc")), warm=True), seldom),
        ]
    return turns


def has_gvisor() -> bool:
    return "runsc" in docker("info", "--format", "{{json .Runtimes}}")


def concurrency(bench: Bench) -> Results:
    """Every side is given as many runs at once as there are; ByteMe begins some and lets the others wait.

    Its pool has seen such programs before: what it keeps ready follows what is asked for.
    """
    programs, size = bench.folder / "programs", bench.size
    with bench.server(LARGE_POOL) as server:
        ours = ByteMe("ByteMe, warm", server, warm=None)
        measure.batch("", ours, [LIKE_LIBRARIES] * LARGE_POOL * 2, LARGE_POOL)
        sides: list[Side] = [DockerRun(programs), DockerExec(programs), ours]
        return Results(crowds=measure.crowds(LIBRARIES, sides, size.levels, bench.say))


def throughput(bench: Bench) -> Results:
    """Short runs, half of them with torch, against `docker run` at whatever parallelism serves it best."""
    run, size = DockerRun(bench.folder / "programs"), bench.size
    trials = [_told(bench, TRIAL, run, _mixed(size.trial_runs), parallel) for parallel in PARALLEL]
    best = max(trials, key=lambda batch: batch.runs / batch.seconds).parallel
    batches = list(trials)
    with bench.server(LARGE_POOL) as server:
        ours = ByteMe("ByteMe", server, warm=None)
        for _ in range(size.repeats):
            batches.append(_told(bench, SUSTAINED, run, _mixed(size.runs), best))
            batches.append(_told(bench, SUSTAINED, ours, _mixed(size.runs), LARGE_POOL))
            server.settle()
            batches.append(_told(bench, BURST, run, _mixed(LARGE_POOL), best))
            batches.append(_told(bench, BURST, ours, _mixed(LARGE_POOL), LARGE_POOL))
            server.settle()
    return Results(batches=batches)


def _mixed(runs: int) -> list[Program]:
    return [(HELLO, TORCH)[number % 2] for number in range(runs)]


def _told(bench: Bench, kind: str, side: Side, programs: list[Program], parallel: int) -> Batch:
    bench.say(f"{kind}: {len(programs)} runs, {parallel} at a time: {side.name}")
    return measure.batch(kind, side, programs, parallel)


def waiting(bench: Bench) -> Results:
    """Memory and making of the sandboxes that wait; then what the server uses that has done some work."""
    results = Results()
    for runtime in ("runc", "runsc") if has_gvisor() else ("runc",):
        bench.say(f"sandboxes that wait, {runtime}")
        with bench.server(POOL, runtime) as server:
            results.waiting += idle.waiting(server)
            if runtime == "runc":
                measure.batch("", ByteMe("", server, warm=None), [HELLO] * 20, 1)
                results.idle.append(idle.idle(server, bench.size.idle_s))
    return results


def bytes_moved(bench: Bench) -> Results:
    bench.say("output and artifacts")
    size = bench.size
    with bench.server(slots=1) as server:
        return Results(rates=rates.rates(server, bench.folder, max(3, size.repeats), size.blocks, size.mib))


def answers(bench: Bench) -> Results:
    """The server as it is unless told otherwise: its slots, its pool, the output that a run may have."""
    with bench.server(POOL, output_mb=Quota().output_mb) as server:
        return Results(answers=attack.answers(server, SLOTS, bench.size.repeats, bench.size.attack_s, bench.say))


EXPERIMENTS: dict[str, Callable[[Bench], Results]] = {
    "latency": latency,
    "concurrency": concurrency,
    "throughput": throughput,
    "waiting": waiting,
    "rates": bytes_moved,
    "attack": answers,
}
