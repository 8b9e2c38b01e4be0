"""byteme runs, status, logs, record, rerun, cancel, artifacts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from client import Run
from client.cli.fetch import download_all
from client.cli.session import connect
from client.cli.show import Notes, as_json, size, table
from client.cli.terminal import attend
from client.names import printable

__all__ = ["artifacts", "cancel", "logs", "record", "rerun", "runs", "status"]

JSON = click.option("--json", "json_", is_flag=True, help="Print JSON.")
RUN = click.argument("run_id", metavar="RUN")
OUTPUT_DIR = click.option(
    "--output-dir", type=click.Path(file_okay=False, path_type=Path), help="Download them into this folder."
)


@click.command()
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--state", help="Only those in this state.")
@click.option("--tag", help="Only those with this tag.")
@click.option("--starred", is_flag=True, help="Only those with a star.")
@click.option("--text", help="Only those with this in their entry point, id or note.")
@JSON
def runs(limit: int, state: str | None, tag: str | None, starred: bool, text: str | None, json_: bool) -> None:
    """List your runs, newest first."""
    with connect() as client:
        found = list(client.runs(state=state, limit=limit, tag=tag, starred="true" if starred else None, text=text))
    if json_:
        return as_json([run.raw for run in found])
    return table(("RUN", "STATE", "REASON", "EXIT", "CREATED", "PROGRAM"), [_row(run) for run in found])


@click.command()
@RUN
@click.option("--trace", is_flag=True, help="Where its time went: each step, when it began, how long it took.")
@JSON
def status(run_id: str, trace: bool, json_: bool) -> None:
    """Show one run."""
    with connect() as client:
        run = client.run(run_id)
    if json_:
        return as_json(run.raw.get("trace", []) if trace else run.raw)
    if trace:
        return table(("STEP", "AT MS", "MS"), [_span(span) for span in run.raw.get("trace", [])])
    for name, value in run.raw.items():
        if name != "trace":
            click.echo(f"{printable(name)}: {printable(_value(value))}")
    return None


@click.command()
@RUN
@click.option("-f", "--follow", is_flag=True, help="Go on until the run ends, stdout and stderr apart.")
def logs(run_id: str, follow: bool) -> None:
    """Print a run's output: what there is so far, both streams in order of arrival, on stdout."""
    with connect() as client:
        if follow:
            with client.live(run_id) as live:
                attend(live, Notes())
            return
        for block in client.output(run_id):
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()


@click.command()
@RUN
def record(run_id: str) -> None:
    """Print all about a run as one JSON document: its code, data, image, limits, seeds and results."""
    with connect() as client:
        as_json(client.record(run_id))


@click.command()
@RUN
@JSON
def rerun(run_id: str, json_: bool) -> None:
    """Run the same again; prints the new run's id."""
    with connect() as client:
        run = client.rerun(run_id)
    if json_:
        return as_json(run.raw)
    return click.echo(run.id)


@click.command()
@RUN
@JSON
def cancel(run_id: str, json_: bool) -> None:
    """End a run; what it wrote and its artifacts are kept."""
    with connect() as client:
        run = client.cancel(run_id)
    if json_:
        return as_json(run.raw)
    return click.echo(f"{run.id} is being cancelled.", err=True)


@click.command()
@RUN
@OUTPUT_DIR
@JSON
def artifacts(run_id: str, output_dir: Path | None, json_: bool) -> None:
    """List a run's artifacts, or download and verify them."""
    with connect() as client:
        if output_dir is not None:
            sys.exit(0 if download_all(client, run_id, output_dir) else 1)
        found = client.artifacts(run_id)
    if json_:
        return as_json([artifact.raw for artifact in found])
    return table(("PATH", "SIZE", "SHA256"), [(a.path, size(a.bytes), a.sha256[:12]) for a in found])


def _row(run: Run) -> tuple[object, ...]:
    created = (run.created_at or "")[:19].replace("T", " ")
    return run.id, run.state, run.reason, run.exit_code, created, run.entrypoint


def _span(span: Mapping[str, Any]) -> tuple[object, ...]:
    return span.get("step"), span.get("at_ms"), span.get("ms")


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_value(item)}" for name, item in value.items())
    return "-" if value is None else str(value)
