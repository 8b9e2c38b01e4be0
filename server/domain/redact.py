"""Takes secrets out of what a program says, before anything of it is stored.

Every byte that is part of an occurrence of a secret goes; each stretch of such bytes becomes `***`. What comes out does
not depend on how the streams were cut into chunks: the end of a stream that may be the beginning of a secret is kept
back until more has come. It is never more than one secret less a byte, and it is the beginning of a secret; so which
secret, and how much of it, says all there is to know. Every chunk carries that (`Chunk.held`) beside the source's mark:
whoever begins anew at a chunk that was stored, with the same secrets, goes on as if nothing had happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from server.domain.ports import Chunk, Stream

MASK = b"***"
MIN_BYTES = 8  # a shorter one would be found where it is not meant
MAX_BYTES = 1 << 12
MAX_SECRETS = 1 << 4  # of one run
_STREAMS = (Stream.STDOUT, Stream.STDERR)
_NUMBER, _LENGTH = 4, 12  # bits
_TAIL = _NUMBER + 2 * _LENGTH  # of one stream


class Redactor:
    """Of one run: the streams' chunks in, in order, and out without the `secrets`, each of 8 to 4096 bytes.

    `mark` and `held` are those of the last chunk that was stored; 0 at the beginning.
    """

    def __init__(self, secrets: Sequence[bytes], mark: int = 0, held: int = 0) -> None:
        self._secrets = [_Secret.of(secret) for secret in secrets]
        self._tails = {
            stream: _Tail.unpack(self._secrets, held >> shift * _TAIL & (1 << _TAIL) - 1)
            for shift, stream in enumerate(_STREAMS)
        }
        self._mark = mark

    def feed(self, batch: Sequence[Chunk]) -> Sequence[Chunk]:
        """What of `batch`, and of what was kept back before, can be told."""
        return [safe for chunk in batch for safe in self._feed(chunk)] if self._secrets else batch

    def end(self) -> list[Chunk]:
        """What was kept back, once nothing more comes."""
        rest = []
        for stream, tail in self._tails.items():
            data = tail.end()
            if data:
                rest.append(Chunk(stream, data, self._mark, held=self._held()))
        return rest

    def _feed(self, chunk: Chunk) -> Iterator[Chunk]:
        self._mark = max(self._mark, chunk.mark)
        if chunk.stream in self._tails:
            data = self._tails[chunk.stream].feed(chunk.data)
        else:
            data = _Tail(self._secrets).feed_last(chunk.data)
        if data or not chunk.data:
            yield replace(chunk, data=data, held=self._held())

    def _held(self) -> int:
        return sum(self._tails[stream].pack() << shift * _TAIL for shift, stream in enumerate(_STREAMS))


@dataclass(frozen=True, slots=True)
class _Secret:
    """Its bytes; and for each length of a beginning of it, the longest shorter beginning that is that one's end."""

    data: bytes
    borders: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> "_Secret":
        borders, length = [0, 0], 0
        for byte in data[1:]:
            while length and data[length] != byte:
                length = borders[length]
            length += data[length] == byte
            borders.append(length)
        return cls(data, tuple(borders))

    def advance(self, matched: int, data: bytes) -> int:
        """How many of its first bytes, not all, end a stream that ended with `matched` of them before `data` came.

        It costs what the shorter of both does, so no program can make it dear.
        """
        if len(data) >= len(self.data):
            matched, data = 0, data[1 - len(self.data) :]
        at = 0
        while at < len(data):
            if not matched:
                at = data.find(self.data[:1], at)
                if at < 0:
                    return 0
            byte = data[at]
            while matched and (matched == len(self.data) or self.data[matched] != byte):
                matched = self.borders[matched]
            matched += self.data[matched] == byte
            at += 1
        return self.borders[matched] if matched == len(self.data) else matched

    def occurrences(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where it stands in `data`; of many that overlap, enough to cover all of their bytes."""
        size = len(self.data)
        at = data.find(self.data)
        while at >= 0:
            yield at, at + size
            overlapping = data.rfind(self.data, at + 1, at + 2 * size - 1)
            at = overlapping if overlapping >= 0 else data.find(self.data, at + size)


class _Tail:
    """One stream: its end that is kept back, and how many bytes at its front belong to a secret already told of."""

    def __init__(self, secrets: Sequence[_Secret], kept: bytes = b"", covered: int = 0) -> None:
        self._secrets = secrets
        self._kept, self._covered = kept, covered
        self._matched = [secret.advance(0, kept) for secret in secrets]

    @classmethod
    def unpack(cls, secrets: Sequence[_Secret], bits: int) -> "_Tail":
        number, length = bits & (1 << _NUMBER) - 1, bits >> _NUMBER & (1 << _LENGTH) - 1
        return cls(secrets, secrets[number].data[:length] if length else b"", bits >> _NUMBER + _LENGTH)

    def pack(self) -> int:
        length = len(self._kept)
        number = self._matched.index(length) if length else 0
        return number | length << _NUMBER | self._covered << _NUMBER + _LENGTH

    def feed(self, data: bytes) -> bytes:
        self._matched = [s.advance(m, data) for s, m in zip(self._secrets, self._matched, strict=True)]
        return self._told(data, max(self._matched, default=0))

    def feed_last(self, data: bytes) -> bytes:
        """`data` is all there is."""
        return self._told(data, 0)

    def end(self) -> bytes:
        self._matched = [0] * len(self._secrets)
        return self._told(b"", 0)

    def _told(self, data: bytes, keep: int) -> bytes:
        """What was kept and `data`, but for the last `keep` bytes: what comes later changes nothing before them."""
        data = self._kept + data
        end = len(data) - keep
        out, at = [], self._covered
        for begin, stop in _stretches(data, self._secrets, self._covered):
            if begin >= end:
                break
            if begin >= at:
                out += [data[at:begin], MASK]
            at = stop
        out.append(data[at:end])
        self._kept, self._covered = data[end:], max(0, at - end)
        return b"".join(out)


def _stretches(data: bytes, secrets: Sequence[_Secret], covered: int) -> Iterator[tuple[int, int]]:
    """The stretches of `data` that secrets cover, in order. Those that touch stay two; those that overlap are one, and
    one that overlaps the first `covered` bytes begins before them."""
    begin, stop = -1, covered
    for first, last in sorted(found for secret in secrets for found in secret.occurrences(data)):
        if first < stop:
            stop = max(stop, last)
            continue
        if stop > 0:
            yield begin, stop
        begin, stop = first, last
    if stop > 0:
        yield begin, stop
