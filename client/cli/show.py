"""What people see: notes, tables, progress. The program's output is never touched here."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from client.download import Progress
from client.names import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

__all__ = ["Notes", "as_json", "progress", "size", "table"]


class Notes:
    """The platform's own lines on stderr. Off a terminal only what the user must know, so that logs stay exact."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self.mid_line = False
        self._later = threading.Timer(0, lambda: None)

    def say_later(self, seconds: float, text: str) -> None:
        """Says it then, unless `say_later` or `never_mind` is called before."""
        self.never_mind()
        self._later = threading.Timer(seconds, self.say, [text])
        self._later.daemon = True
        self._later.start()

    def never_mind(self) -> None:
        self._later.cancel()

    def say(self, text: str) -> None:
        """For a person who watches."""
        if self._terminal:
            self.tell(text)

    def tell(self, text: str) -> None:
        """For everybody who did not ask for silence."""
        if self._quiet:
            return
        # The program may have left the cursor in the middle of a line.
        click.echo("\n" if self.mid_line and self._terminal else "", err=True, nl=False)
        self.mid_line = False
        click.secho("\n".join(printable(line) for line in text.splitlines()), err=True, dim=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns on stdout, nothing cut off."""
    lines = [head, *([printable(_cell(value)) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def as_json(value: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def size(count: float) -> str:
    """Bytes for people, in decimal units as file managers show them."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


@contextmanager
def progress() -> Iterator[Callable[[str, int], Progress]]:
    """Gives (name, total bytes) -> what to call as bytes arrive: bars on a terminal, a line each elsewhere."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:

        def start(name: str, total: int) -> Progress:
            _settle(bars)
            task = bars.add_task(escape(printable(name)), total=total)
            bars.update(task, completed=0)
            return lambda done: bars.update(task, completed=done)

        yield start
        _settle(bars)


def _settle(bars: Bars) -> None:
    """Turns what is complete into lines above the bars, of which a thousand would not fit."""
    for task in bars.tasks:
        if task.finished:
            bars.console.print(f"{task.description}  {size(task.total or 0)}", highlight=False)
            bars.remove_task(task.id)


def _line(name: str, total: int) -> Progress:
    click.echo(f"{printable(name)}  {size(total)}", err=True)
    return lambda _: None


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else str(value)
