"""How long runs take: one at a time, many at the same moment, and many in a row. The sides always take turns."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from scripts.bench.programs import Program
from scripts.bench.results import Batch, Crowd, Latency
from scripts.bench.sides import Side, Timing, Unfit

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """A side that takes part in every `every`-th round."""

    side: Side
    every: int = 1


def latency(program: Program, turns: Sequence[Turn], rounds: int, say: Say) -> list[Latency]:
    """Each side runs the program once a round; nothing else of the benchmark goes on meanwhile."""
    samples = [Latency(program.name, turn.side.name) for turn in turns]
    for number in range(rounds):
        say(f"{program.name}: round {number + 1} of {rounds}")
        for turn, sample in zip(turns, samples, strict=True):
            if number % turn.every == 0:
                _settle_all(turns)
                _take(turn.side, program, sample)
    return samples


def _settle_all(turns: Sequence[Turn]) -> None:
    for turn in turns:
        turn.side.settle()


def _take(side: Side, program: Program, sample: Latency) -> None:
    try:
        timing = side.run(program)
    except Unfit:
        sample.discarded += 1
        return
    sample.first.append(timing.first)
    sample.end.append(timing.end)


def crowds(program: Program, sides: Sequence[Side], levels: Sequence[int], say: Say) -> list[Crowd]:
    """For each level, each side gets so many submissions at the same moment."""
    samples = []
    for level in levels:
        for side in sides:
            say(f"{level} at once: {side.name}")
            for other in sides:
                other.settle()
            samples.append(_crowd(side, program, level))
    return samples


def _crowd(side: Side, program: Program, level: int) -> Crowd:
    side.prepare(level)
    timings, makespan = at_once(side, [program] * level)
    return Crowd(side.name, level, [t.first for t in timings], makespan, sum(t.warm for t in timings))


def at_once(side: Side, programs: Sequence[Program]) -> tuple[list[Timing], float]:
    """Runs them all, begun at the same moment; the seconds until the last one's end."""
    gate = threading.Barrier(len(programs) + 1)

    def go(program: Program) -> Timing:
        gate.wait()
        return side.run(program)

    with ThreadPoolExecutor(len(programs)) as threads:
        running = [threads.submit(go, program) for program in programs]
        gate.wait()
        begin = time.perf_counter()
        timings = [one.result() for one in running]
    return timings, time.perf_counter() - begin


def batch(kind: str, side: Side, programs: Sequence[Program], parallel: int) -> Batch:
    """Runs them all, `parallel` at a time."""
    side.prepare(parallel)
    side.settle()
    begin = time.perf_counter()
    with ThreadPoolExecutor(parallel) as threads:
        timings = list(threads.map(side.run, programs))
    seconds = time.perf_counter() - begin
    return Batch(kind, side.name, parallel, len(timings), seconds, sum(t.warm for t in timings))
