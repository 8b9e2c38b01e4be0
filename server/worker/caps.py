"""What of a run's output is kept."""

from collections.abc import Sequence
from dataclasses import replace

from server.domain.ports import Chunk, Position, Stream
from server.domain.run import Stop

MAX_EVENT_BYTES = 64 << 20
MAX_RECORDS = 1_000_000  # stretches of one stream: what the index of an output may cost
DROPPED_BYTES = 1 << 20  # so much may be dropped before it is noted in the store


def within_caps(batch: Sequence[Chunk], position: Position, limit_bytes: int) -> tuple[list[Chunk], Stop | None]:
    """What of `batch` is within the caps of a log that stands at `position`, and the cap that its output went over.

    Exactly `limit_bytes` of output are kept. Events over their cap are dropped without offence.
    """
    in_pieces = position.records >= MAX_RECORDS
    left = 0 if in_pieces else limit_bytes - position.offset
    events_left = MAX_EVENT_BYTES - position.events
    kept: list[Chunk] = []
    over = None
    for chunk in batch:
        size = len(chunk.data)
        if chunk.stream is Stream.EVENT:
            events_left -= size
            if events_left >= 0:
                kept.append(chunk)
            continue
        if size > left:
            over = Stop.OUTPUT_PIECES if in_pieces else Stop.OUTPUT_LIMIT
        if left > 0:
            kept.append(chunk if size <= left else replace(chunk, data=chunk.data[:left]))
        left -= min(left, size)
    return kept + _progress(kept, batch, position), over


def _progress(kept: Sequence[Chunk], batch: Sequence[Chunk], position: Position) -> list[Chunk]:
    """An empty record now and then in place of what is dropped: else its room in the stream were never freed."""
    reached = kept[-1].mark if kept else position.mark
    if not batch or batch[-1].mark - reached < DROPPED_BYTES:
        return []
    return [replace(batch[-1], stream=Stream.EVENT, data=b"")]
