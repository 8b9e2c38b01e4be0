"""A run that feels local: its output on our stdout and stderr, our stdin as its input, Ctrl-C as its end."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from client import (
    ApiError,
    ByteMeError,
    Client,
    Conflict,
    ConnectionFailed,
    LiveRun,
    Output,
    Reconnecting,
    Run,
    StateChange,
)
from client.cli.show import Notes

__all__ = ["Interrupts", "attend", "exit_status", "our_input"]

PATIENCE_BEFORE_NOTE_S = 2
EXIT_BY_REASON = {"timeout": 124, "out_of_memory": 137, "disk_limit": 137, "output_limit": 137}


def exit_status(run: Run) -> int:
    """The exit code of `byteme run` for a run that has ended.

    The program's own; 124 timeout, 137 killed for using too much, 130 cancelled, 125 not the program's doing.
    """
    if run.state == "succeeded":
        return 0
    if run.state == "cancelled":
        return 130
    if run.reason == "exit_code" and run.exit_code:
        return run.exit_code
    return EXIT_BY_REASON.get(run.reason or "", 125)


class Interrupts:
    """Ctrl-C while it is entered: the first cancels the run (once it is known), the second leaves at once."""

    def __init__(self, client: Client, notes: Notes) -> None:
        self._client = client
        self._notes = notes
        self._count = 0
        self._run_id: str | None = None

    @contextmanager
    def caught(self) -> Iterator[None]:
        before = signal.signal(signal.SIGINT, self._handle)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def applies_to(self, run_id: str) -> None:
        self._run_id = run_id
        if self._count:
            self._cancel()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 1:
            raise KeyboardInterrupt
        # In a thread: the signal may have interrupted the main one anywhere, inside a request or a write.
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        self._notes.mid_line = True  # the terminal has shown ^C
        self._notes.say("Cancelling; press Ctrl-C again to leave without waiting.")
        if self._run_id:
            self._cancel()

    def _cancel(self) -> None:
        try:
            while not self._cancelled():
                time.sleep(0.5)
        except Conflict:
            pass  # it has ended by itself meanwhile
        except ByteMeError as error:
            self._notes.tell(f"The run could not be cancelled: {error}")

    def _cancelled(self) -> bool:
        try:
            self._client.cancel(self._run_id or "")
        except ConnectionFailed:
            return False  # whoever follows the run waits for the server, too
        return True


def attend(live: LiveRun, notes: Notes, *, show_output: bool = True, feed: Iterator[bytes] | None = None) -> Run:
    """Follow a run to its end and return it. `feed` becomes its whole standard input, once it runs."""
    noted = False
    for event in live:
        if isinstance(event, Output):
            if show_output:
                _write(event, notes)
        elif isinstance(event, StateChange):
            noted = False
            if feed is not None and event.run.state == "running":
                threading.Thread(target=_feed, args=(live, feed, notes), daemon=True).start()
                feed = None
            _note_state(event.run, notes)
            if event.run.finished:
                return event.run
        elif isinstance(event, Reconnecting) and event.seconds > PATIENCE_BEFORE_NOTE_S and not noted:
            noted = True
            notes.say(f"Connection lost ({event.reason}); reconnecting. The run goes on.")
    raise ConnectionFailed("the server ended the stream without an end of the run")


def _write(event: Output, notes: Notes) -> None:
    if event.stream == "system":
        notes.say(event.data.decode(errors="replace"))
        return
    stream = sys.stderr.buffer if event.stream == "stderr" else sys.stdout.buffer
    stream.write(event.data)
    stream.flush()
    notes.mid_line = not event.data.endswith(b"\n")


def _note_state(run: Run, notes: Notes) -> None:
    notes.never_mind()
    if run.state == "queued" and run.queue_position:
        # Most runs start at once; only those that wait are worth a line.
        wait = f", about {run.queue_wait_s} s to wait" if run.queue_wait_s else ""
        notes.say_later(PATIENCE_BEFORE_NOTE_S, f"Queued, number {run.queue_position} in line{wait}.")


def _feed(live: LiveRun, source: Iterator[bytes], notes: Notes) -> None:
    try:
        for data in source:
            live.send_input(data)
        live.send_input(None)
    except ApiError as error:
        if error.status not in {404, 409}:  # it ended without reading all of it, as programs may
            notes.tell(f"The program's input could not be sent: {error}")
    except ByteMeError as error:
        if live.closed:
            return
        # How much has arrived is unknown: an early end is honest, a hole in the middle would not be.
        notes.tell(f"The connection broke while input was being sent; the program's input ends here ({error}).")
        with suppress(ByteMeError):
            live.send_input(None)


def our_input() -> Iterator[bytes]:
    """What arrives on our standard input; ends at its end, or at once if it is closed."""
    with suppress(OSError):
        while _readable() and (data := os.read(0, 64 * 1024)):
            yield data


def _readable() -> bool:
    """Waits for input. On a terminal in the background even looking at it would stop us: wait to be in front."""
    while os.isatty(0):
        ready, _, _ = select.select([0], [], [], 1.0)
        if ready and os.tcgetpgrp(0) == os.getpgrp():
            break
    return True
