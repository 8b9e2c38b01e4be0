"""byteme run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from client import Client, Dataset, LiveRun, Run, run_request
from client.cli.fetch import download_all
from client.cli.session import connect
from client.cli.show import Notes, as_json, progress, size
from client.cli.terminal import Interrupts, attend, exit_status, our_input
from client.cli.values import DATA, DURATION, ENV, MEGABYTES

__all__ = ["run"]


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("path", metavar="FILE|DIR", type=click.Path(exists=True, path_type=Path))
@click.argument("args", nargs=-1, metavar="[-- ARGS...]")
@click.option("-f", "--follow", is_flag=True, help="Stream its output, feed it our input, exit with its exit code.")
@click.option("--entrypoint", metavar="FILE", help="The file of DIR to run [main.py, or the only one].")
@click.option("--data", type=DATA, multiple=True, help="Upload a file and mount it read-only; repeatable.")
@click.option("--cpus", type=click.FloatRange(min=0, min_open=True), help="CPU cores.")
@click.option("--memory", type=MEGABYTES, help="MB, or 2g.")
@click.option("--disk", type=MEGABYTES, help="MB, or 10g.")
@click.option("--gpus", type=click.IntRange(min=0), help="GPUs.")
@click.option("--timeout", type=DURATION, help="Seconds, or 10m, 1h30m.")
@click.option("--network", is_flag=True, help="Let it reach the network, where the server permits.")
@click.option("--env", type=ENV, multiple=True, help="Set a variable; K alone passes on ours; repeatable.")
@click.option("--secret", "secrets", metavar="NAME", multiple=True, help="Give it a secret of yours; repeatable.")
@click.option("--image", help="Alias of the sandbox image.")
@click.option("--exclude", metavar="PATTERN", multiple=True, help="Leave files of DIR out; repeatable.")
@click.option(
    "--output-dir", type=click.Path(file_okay=False, path_type=Path), help="Wait, then download its artifacts."
)
@click.option("--no-input", is_flag=True, help="With --follow: give the program no input.")
@click.option("-q", "--quiet", is_flag=True, help="No notes of the platform's own.")
@click.option("--json", "json_", is_flag=True, help="Without --follow: print the run as JSON.")
def run(path: Path, args: Sequence[str], **options: Any) -> None:
    """Run a Python FILE, or the files of DIR, in a sandbox.

    Prints the run's id. With --follow its output is streamed instead, bytes unchanged, and the exit code is the
    program's own: 124 after a timeout, 137 when it was killed for using too much memory, disk or output, 130 when it
    was cancelled, 125 when the cause lies with the platform or this command. Ctrl-C cancels the run; pressed again it
    leaves at once.
    """
    follow, folder, notes = options["follow"], options["output_dir"], Notes(options["quiet"])
    if options["json_"] and follow:
        raise click.UsageError("--json does not go with --follow, whose stdout is the program's.")
    with connect() as client:
        request = _request(client, path, args, options)
        if not follow and folder is None:
            return _announce(client.submit(request), options["json_"])
        ended = _attended(client, request, notes, follow, options["no_input"])
        if options["json_"]:
            as_json(ended.raw)
        complete = folder is None or download_all(client, ended.id, folder)
    sys.exit(exit_status(ended) or (0 if complete else 125))


def _request(client: Client, path: Path, args: Sequence[str], options: dict[str, Any]) -> dict[str, Any]:
    limits = {
        "cpus": options["cpus"],
        "memory_mb": options["memory"],
        "disk_mb": options["disk"],
        "gpus": options["gpus"],
        "timeout_s": options["timeout"],
    }
    request = run_request(
        path,
        entrypoint=options["entrypoint"] or (path.name if path.is_file() else None),
        args=args,
        env=dict(options["env"]),
        secrets=options["secrets"],
        limits={name: value for name, value in limits.items() if value is not None},
        network="egress" if options["network"] else None,
        image=options["image"],
        exclude=(*options["exclude"], *_inside(path, options["output_dir"])),
    )
    if options["data"]:
        mounted = [(name, _upload(client, name, file)) for name, file in options["data"]]
        request["datasets"] = [{"id": dataset.id, "name": name} for name, dataset in mounted]
    return request


def _inside(path: Path, folder: Path | None) -> list[str]:
    """The pattern that keeps the artifacts of earlier runs out of this one."""
    if folder is None or not folder.resolve().is_relative_to(path.resolve()) or folder.resolve() == path.resolve():
        return []
    return [folder.resolve().relative_to(path.resolve()).as_posix()]


def _upload(client: Client, name: str, file: Path) -> Dataset:
    with progress() as started:
        return client.upload_dataset(name, file, started(f"{name} <- {file}", file.stat().st_size))


def _announce(run: Run, json_: bool) -> None:
    if json_:
        as_json(run.raw)
    else:
        click.echo(run.id)


def _attended(client: Client, request: dict[str, Any], notes: Notes, follow: bool, no_input: bool) -> Run:
    interrupts = Interrupts(client, notes)
    with interrupts.caught(), client.launch(request) as live:
        interrupts.applies_to(live.run_id)
        notes.say(f"Run {live.run_id}")
        ended = _until_end(live, notes, follow, no_input)
    _note_end(ended, notes)
    return ended


def _until_end(live: LiveRun, notes: Notes, follow: bool, no_input: bool) -> Run:
    try:
        feed = our_input() if follow and not no_input else iter(())
        return attend(live, notes, show_output=follow, feed=feed)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception:
        notes.tell(f"The run goes on without us: `byteme logs {live.run_id} -f`, `byteme status {live.run_id}`.")
        raise


def _note_end(run: Run, notes: Notes) -> None:
    text = run.message or ": ".join(filter(None, [run.state.capitalize(), run.reason]))
    seconds = _seconds(run)
    line = f"{text.rstrip('.')}" + (f" ({seconds:.1f} s)." if seconds is not None else ".")
    # A program that fails by itself has said why; what the platform did to it must be said by us.
    by_itself = run.state == "succeeded" or run.reason == "exit_code"
    (notes.say if by_itself else notes.tell)(line)
    artifacts = run.artifacts or {}
    if artifacts.get("count"):
        notes.say(f"Artifacts: {artifacts['count']} ({size(artifacts['bytes'])}); byteme artifacts {run.id}")


def _seconds(run: Run) -> float | None:
    if not run.started_at or not run.finished_at:
        return None
    return (datetime.fromisoformat(run.finished_at) - datetime.fromisoformat(run.started_at)).total_seconds()
