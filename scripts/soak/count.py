"""What came of a soak: every run against what its program does, and what is left on the host."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client import Client
from scripts.soak.programs import Expected
from tests.server_process import TERMINAL, ServerProcess, output

WRONG = (
    "lost", "doubled", "wrong endings", "wrong bytes", "wrong artifacts", "wrong live output", "orphaned containers",
    "orphaned mounts", "orphaned loop devices", "orphaned files",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """`ended` by state and reason, `wrong` by what is wrong, and what was done to them."""

    submitted: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)

    def note(self, what: str, detail: str) -> None:
        self.wrong[what] += 1
        self.details.append(f"{what}: {detail}")

    @property
    def is_clean(self) -> bool:
        return not self.wrong

    def table(self) -> str:
        rows = [("submitted", self.submitted)]
        rows += [(f"ended: {how}", count) for how, count in sorted(self.ended.items())]
        rows += [(f"done to them: {what}", count) for what, count in sorted(self.done.items())]
        rows += [(what, self.wrong[what]) for what in WRONG]
        return "\n".join(f"{what:<44}{count:>8}" for what, count in rows)


def check_run(tally: Tally, tenant: Client, run_id: str, expected: Expected, *, was_hit: bool) -> None:
    """A run whose container was taken away ends as host_lost with a part of its output, unless it was through already;
    any other as its program does."""
    run = tenant.run(run_id).raw
    if run["state"] not in TERMINAL:
        tally.note("lost", f"{run_id} is {run['state']}")
        return
    tally.ended[run["state"] + (f", {run['reason']}" if run["reason"] else "")] += 1
    said = output(tenant, run_id)
    is_lost = run["reason"] == "host_lost"
    if (is_lost and not was_hit) or (not is_lost and not _ends_as(run, expected)):
        tally.note("wrong endings", f"{run_id}: {run['state']}, {run['reason']}, {run['exit_code']}: {run['message']}")
    if said != expected.output and not (is_lost and expected.output.startswith(said)):
        tally.note("wrong bytes", f"{run_id}: {len(said)} of {len(expected.output)}")
    if len(said) != run["output"]["bytes"]:
        tally.note("wrong bytes", f"{run_id}: {len(said)}, said to be {run['output']['bytes']}")
    stored = {artifact.path: artifact.sha256 for artifact in tenant.artifacts(run_id)}
    if (not is_lost and stored != expected.artifacts) or (is_lost and not set(stored) <= set(expected.artifacts)):
        tally.note("wrong artifacts", f"{run_id}: {sorted(stored)}")


def _ends_as(run: Mapping[str, Any], expected: Expected) -> bool:
    way = ("failed", "exit_code") if expected.exit_code else ("succeeded", None)
    return (run["state"], run["reason"], run["exit_code"]) == (*way, expected.exit_code)


def check_history(tally: Tally, data_dir: Path) -> None:
    """Each run has exactly one terminal event."""
    marks = ",".join(f"'{state}'" for state in TERMINAL)
    query = (
        f"select runs.id, count(run_events.id) from runs left join run_events on run_events.run_id = runs.id "
        f"and run_events.state in ({marks}) group by runs.id"
    )
    with closing(sqlite3.connect(data_dir / "byteme.db")) as database:
        for run_id, count in database.execute(query):
            if count > 1:
                tally.note("doubled", f"{run_id} ended {count} times")


def check_host(tally: Tally, server: ServerProcess) -> None:
    """Nothing is left of runs that have ended but what their owners may ask for."""
    for name in server.containers():
        tally.note("orphaned containers", name)
    for point in server.mounts():
        tally.note("orphaned mounts", point)
    for image in loop_devices(server.data_dir):
        tally.note("orphaned loop devices", image)
    for path in stray_files(server.data_dir):
        tally.note("orphaned files", path)


def loop_devices(data_dir: Path) -> list[str]:
    backing = [path.read_text().strip() for path in Path("/sys/block").glob("loop*/loop/backing_file")]
    return [image for image in backing if image.startswith(str(data_dir.resolve()))]


def stray_files(data_dir: Path) -> list[str]:
    """Storage of sandboxes, and stored files that no row names."""
    with closing(sqlite3.connect(data_dir / "byteme.db")) as database:
        keys = {key for (key,) in database.execute("select store_key from artifacts")}
        runs = {run_id for (run_id,) in database.execute("select id from runs")}
    storage = [path.name for path in (data_dir / "sandboxes").glob("*") if path.name != ".templates"]
    stored = [path for path in (data_dir / "artifacts").rglob("*") if path.is_file()]
    unknown = [str(path) for path in stored if str(path.relative_to(data_dir / "artifacts")) not in keys]
    return storage + unknown + [path.name for path in (data_dir / "logs").glob("*") if path.name not in runs]
