"""What the experiments yield: plain samples, kept as JSON. Times in seconds."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass
class Latency:
    """One side's turns at one program: from submitting to the first byte, and to knowing how it ended."""

    program: str
    side: str
    first: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)
    discarded: int = 0


@dataclass
class Crowd:
    """`level` submissions at the same moment; `makespan` is until the last one's end, `warm` how many were."""

    side: str
    level: int
    first: list[float]
    makespan: float
    warm: int = 0


@dataclass
class Batch:
    """Many runs, `parallel` of them under way at any time (plain Docker) or submitted at any time (ByteMe)."""

    kind: str
    side: str
    parallel: int
    runs: int
    seconds: float
    warm: int = 0


@dataclass
class Rate:
    what: str
    side: str
    mb_per_s: list[float]


@dataclass
class Waiting:
    """What one sandbox of a profile costs that waits: memory charged to it and the part that is its alone, and what
    making it took."""

    runtime: str
    profile: str
    charged_mb: float
    anonymous_mb: float
    refill_s: float
    refill_cpu_s: float


@dataclass
class Idle:
    """The server's process over `seconds` with nothing to do and `pool` sandboxes waiting."""

    seconds: float
    pool: int
    cpu_percent: float
    resident_mb: float


@dataclass
class Answers:
    """How long the server took to answer each question during one attack, or at rest."""

    during: str
    seconds: list[float]


@dataclass
class Results:
    about: dict[str, str] = field(default_factory=dict)
    latency: list[Latency] = field(default_factory=list)
    crowds: list[Crowd] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)

    def update(self, newer: "Results") -> None:
        """Takes over whatever `newer` has measured."""
        for part in fields(self):
            if value := getattr(newer, part.name):
                setattr(self, part.name, value)


_ITEMS: dict[str, Any] = {
    "latency": Latency, "crowds": Crowd, "batches": Batch, "waiting": Waiting, "idle": Idle, "rates": Rate,
    "answers": Answers,
}  # fmt: skip


def load(path: Path) -> Results:
    stored = json.loads(path.read_text())
    parts = {name: [kind(**item) for item in stored.get(name, [])] for name, kind in _ITEMS.items()}
    return Results(about=stored["about"], **parts)


def save(results: Results, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(results), indent=1) + "\n")
