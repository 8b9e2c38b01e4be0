"""Output is kept up to its caps, and the cap that was reached is told."""

import pytest

from server.domain.ports import Chunk, Position, Stream
from server.domain.run import Exit, Limits, Stop, explain
from server.worker import caps
from server.worker.caps import within_caps

OUT, ERR, EVENT = Stream.STDOUT, Stream.STDERR, Stream.EVENT


def test_exactly_the_limit_is_kept_and_no_byte_more() -> None:
    batch = [Chunk(OUT, b"abc", 3), Chunk(ERR, b"defg", 7), Chunk(OUT, b"h", 8)]
    kept, over = within_caps(batch, Position(), 5)
    assert ([chunk.data for chunk in kept], over) == ([b"abc", b"de"], Stop.OUTPUT_LIMIT)
    assert within_caps(batch, Position(), 8) == (batch, None)


def test_too_many_stretches_are_told_as_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "MAX_RECORDS", 10)
    kept, over = within_caps([Chunk(OUT, b"abc", 3)], Position(records=10), 1000)
    assert (kept, over) == ([], Stop.OUTPUT_PIECES)
    ending = explain(Exit(137), over, Limits(), 64 << 20)
    assert ending.reason == "output_limit"
    assert "too often between stdout and stderr" in ending.message


def test_events_over_their_cap_are_dropped_without_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "MAX_EVENT_BYTES", 3)
    batch = [Chunk(EVENT, b"abc", 3), Chunk(EVENT, b"d", 4), Chunk(OUT, b"out", 7)]
    assert within_caps(batch, Position(), 1000) == ([batch[0], batch[2]], None)
