"""Reads the hostile programs: each is a file whose docstring says what it tries and, as YAML, what must happen.

    ends        how the run may end: `succeeded`, a reason, or `exit N` for an exit code of the program's own; or several
    says        texts that must be in its output
    output      its whole output, as an expression of Python
    artifacts   the paths of all that is kept of its outputs
    never       texts that no kept path may hold
    skipped     the paths of what is told of as left out
    dataset     true: it is given a dataset, /workspace/data/train.csv
    request     what else its request says
    in          where it is run: `cold`, `warm` (in a sandbox that waited), `gvisor`; cold and warm unless it says so

A program that reports what was refused must have reported it: one line with CONTAINED at least, none with BREACH.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent
LIBRARY = (ROOT / "hostile.py").read_text()
DATASET = b"a,b\n1,2\n"
_HEADER = re.compile(r'r?"""(?P<title>.*?)\n\n(?P<facts>.*?)"""', re.DOTALL)
_REPORTS = re.compile(r"\b(contained|verdict|attempt|denied|fill)\(")
_LIMITS = {"memory_mb": 256, "disk_mb": 64, "pids": 64, "timeout_s": 60}


@dataclass(frozen=True)
class Program:
    """`name` is group/file. `ends` holds the endings that are right."""

    name: str
    title: str
    code: str
    ends: frozenset[str]
    says: tuple[str, ...] = ()
    output: bytes | None = None
    artifacts: tuple[str, ...] | None = None
    skipped: tuple[str, ...] | None = None
    never: tuple[str, ...] = ()
    dataset: bool = False
    places: tuple[str, ...] = ("cold", "warm")
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> dict[str, Any]:
        """What is submitted, but for the dataset."""
        entry = self.extra.get("entrypoint", "main.py")
        files = {entry: self.code, str(Path(entry).with_name("hostile.py")): LIBRARY}
        limits = _LIMITS | self.extra.get("limits", {})
        return {"files": files, **self.extra, "limits": limits}

    @property
    def reports(self) -> bool:
        return _REPORTS.search(self.code) is not None

    def __str__(self) -> str:
        return self.name


def load(path: Path) -> Program:
    """The program in a file. Raises KeyError or TypeError when its docstring is not what it should be."""
    code = path.read_text()
    header = _HEADER.match(code)
    assert header, f"{path} says neither what it tries nor what must happen"
    facts = yaml.safe_load(header["facts"])
    ends = facts.pop("ends")
    expression = facts.pop("output", None)
    return Program(
        name=str(path.relative_to(ROOT).with_suffix("")),
        title=" ".join(header["title"].split()),
        code=code,
        ends=frozenset([ends] if isinstance(ends, str) else ends),
        says=tuple(facts.pop("says", ())),
        output=None if expression is None else eval(expression),
        artifacts=_sorted(facts.pop("artifacts", None)),
        never=tuple(facts.pop("never", ())),
        skipped=_sorted(facts.pop("skipped", None)),
        places=tuple(facts.pop("in", ["cold", "warm"])),
        extra=facts.pop("request", {}),
        **facts,
    )


def programs(place: str | None = None) -> list[Program]:
    """All of them, or those that are run in one place, in order of name; without those that come in pairs."""
    found = [load(path) for path in sorted(ROOT.glob("*/*.py")) if path.parent.name != "neighbours"]
    return [program for program in found if place is None or place in program.places]


def neighbour(name: str) -> Program:
    """One of a pair."""
    return load(ROOT / "neighbours" / f"{name}.py")


def _sorted(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))
