"""How a pull is shown while it goes on: a bar per host on a terminal, plain lines elsewhere; and how it ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from client.names import printable

__all__ = ["EXIT", "exit_code", "show_pull"]

# By why a pull failed; anything else is 1.
EXIT = {
    "auth": 3, "not_found": 4, "policy": 5, "digest": 5, "disk": 5, "partial": 6, "smoke": 7,
}  # fmt: skip
STEPS = 10  # of percentages, where they are lines

Show = Callable[[Mapping[str, Any]], None]


def show_pull(states: Iterable[Mapping[str, Any]], *, json_: bool) -> int:
    """Shows a pull to its end: JSON one object a line, or for people. The exit code that it comes to."""
    last: Mapping[str, Any] = {}
    with _display(json_) as show:
        for last in states:
            show(last)
    if not json_:
        _tell_end(last)
    return exit_code(last)


def exit_code(pull: Mapping[str, Any]) -> int:
    """0 when all went well, 6 when the alias was switched and some host failed."""
    if pull["state"] == "failed":
        return EXIT.get(str(pull["why"]), 1)
    return EXIT["partial"] if any(host["state"] == "failed" for host in pull["hosts"]) else 0


def _tell_end(pull: Mapping[str, Any]) -> None:
    for check in pull["checks"]:
        click.echo(printable(f"  {check}"), err=True)
    text = {
        "active": f"{pull['alias']} is {pull['digest']} now.",
        "ready": f"{pull['digest']} is ready on the hosts.",
        "planned": f"{pull['digest']} would be pulled.",
        "failed": f"Failed ({pull['why']}).",
    }[pull["state"]]
    click.echo(printable(f"{text} {pull['message']}".strip()), err=True)


@contextmanager
def _display(json_: bool) -> Iterator[Show]:
    if json_:
        yield lambda pull: click.echo(json.dumps(pull))
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _Lines()


class _Lines:
    """A line whenever a host has got further by a tenth, or is at something else."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def __call__(self, pull: Mapping[str, Any]) -> None:
        self._say("", pull["state"])
        for host in pull["hosts"] if pull["digest"] else []:
            tenths = int(host["progress"] * STEPS) * (100 // STEPS)
            state = f"pulling {tenths}%" if host["state"] == "pulling" else host["state"]
            self._say(host["host"], f"{state} {host['message']}".strip())

    def _say(self, host: str, text: str) -> None:
        if self._said.get(host) != text:
            self._said[host] = text
            click.echo(printable(f"{host}: {text}" if host else text), err=True)


@contextmanager
def _bars() -> Iterator[Show]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def show(pull: Mapping[str, Any]) -> None:
            for host in pull["hosts"] if pull["digest"] else []:
                state = pull["state"] if host["state"] == "ready" and pull["state"] == "warming" else host["state"]
                text = escape(printable(f"{host['host']}  {state}"))
                if host["host"] not in tasks:
                    tasks[host["host"]] = bars.add_task(text, total=1.0)
                bars.update(tasks[host["host"]], description=text, completed=host["progress"])

        yield show
