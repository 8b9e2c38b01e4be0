"""Where the time of a run went: one span a step, from the arrival of its request to its end.

Steps follow one another, except that `first_output` is the beginning of `program`:

    submit        the request's checks, until it is written down
    queue         until its turn has come (and a slot is free)
    claim         taking it from the queue
    resolve       which image its alias means
    open          a container, from the pool or anew
    put           its files
    running       writing down that it starts: from now on it is never started again
    start         handing the job over
    first_output  from the hand-over until the first byte is stored
    program       from the hand-over until its last byte is stored and its output has ended
    exit          until the container's end is known
    collecting    writing down how it ended
    collect       storing its artifacts
    finish        until the terminal state is about to be written down
    recover       taking it over from a server that is gone: what lies between is not known, and not told

A step that was not seen from its beginning to its end has no span.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter
from typing import Any

Span = dict[str, Any]  # step, at_ms (since the run was created), ms


class Trace:
    """The spans of a run that was `created` at a time, as seen from `now` on; `spans` are those known already."""

    def __init__(self, created: datetime, now: datetime, spans: Sequence[Span] = ()) -> None:
        self.created, self.spans = created, list(spans)
        self._origin = perf_counter() - (now - created).total_seconds()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A span as long as the context, however it ends."""
        begin = perf_counter()
        try:
            yield
        finally:
            self.add(name, begin)

    def add(self, name: str, begin: float, end: float | None = None) -> None:
        """A span between two readings of `perf_counter`; the end is now unless it is given."""
        self.spans.append(self._span(name, begin, perf_counter() if end is None else end))

    def spans_and(self, name: str, begin: float) -> list[Span]:
        """The spans, and one more that has not ended yet, as if it ended now."""
        return [*self.spans, self._span(name, begin, perf_counter())]

    def since_last(self, name: str, end: float | None = None) -> None:
        """A span from the end of the last one, or from the creation of the run, until `end` or now."""
        end = perf_counter() if end is None else end
        last_ms = self.spans[-1]["at_ms"] + self.spans[-1]["ms"] if self.spans else 0.0
        self.add(name, min(self._origin + last_ms / 1000, end), end)

    def _span(self, name: str, begin: float, end: float) -> Span:
        at_ms, ms = (begin - self._origin) * 1000, (end - begin) * 1000
        return {"step": name, "at_ms": round(at_ms, 2), "ms": round(ms, 2)}
