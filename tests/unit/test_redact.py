"""No secret gets out, whatever the chunks are and whenever we die, and everything else does."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.ports import Chunk, Stream
from server.domain.redact import MASK, MAX_BYTES, MAX_SECRETS, Redactor
from server.stores.logs_file import FileLogStore

KEY = b"correct-horse"
OUT, ERR, EVENT = Stream.STDOUT, Stream.STDERR, Stream.EVENT
# Secrets that begin like others, hold them, overlap them, and overlap themselves.
AWKWARD = [
    b"abababab",
    b"babababa",
    b"ababababc",
    b"aaaaaaaa",
    b"aaaaaaaab",
    b"abcabcabc",
    b"cabcabca",
    b"bcabaaaaaaaac",
]


def plainly(data: bytes, secrets: Sequence[bytes]) -> bytes:
    """What redaction means: mark every byte of every occurrence; each stretch of them becomes one mask."""
    found = sorted(
        (at, at + len(secret))
        for secret in secrets
        for at in range(len(data) - len(secret) + 1)
        if data[at : at + len(secret)] == secret
    )
    out, at = b"", 0
    for begin, end in found:
        if begin >= at:
            out += data[at:begin] + MASK
        at = max(at, end)
    return out + data[at:]


def of(chunks: Sequence[Chunk], stream: Stream) -> bytes:
    return b"".join(chunk.data for chunk in chunks if chunk.stream is stream)


def redact(frames: Sequence[Chunk], secrets: Sequence[bytes]) -> list[Chunk]:
    redactor = Redactor(secrets)
    return [*redactor.feed(frames), *redactor.end()]


def said(*pieces: bytes, stream: Stream = OUT) -> list[Chunk]:
    """Frames as a source gives them: each has a mark of its own."""
    return [Chunk(stream, piece, mark) for mark, piece in enumerate(pieces, 1)]


def cut(rng: random.Random, texts: dict[Stream, bytes], longest: int) -> list[Chunk]:
    """The texts in frames, the streams mixed."""
    left, frames = dict(texts), []
    while any(left.values()):
        stream = rng.choice([stream for stream, text in left.items() if text])
        size = rng.randint(1, longest)
        frames.append(Chunk(stream, left[stream][:size], len(frames) + 1))
        left[stream] = left[stream][size:]
    return frames


def text(rng: random.Random, secrets: Sequence[bytes], pieces: int) -> bytes:
    """Secrets, beginnings and ends of them, and other things out of the same letters."""
    parts = []
    for _ in range(pieces):
        secret = rng.choice(list(secrets))
        size = rng.randint(0, len(secret))
        other = bytes(rng.choices(b"abc-\n", k=rng.randint(0, 5)))
        parts.append(rng.choice([secret, secret, secret[:size], secret[size:], other]))
    return b"".join(parts)


def cases(seed: int, count: int) -> Iterator[tuple[random.Random, list[bytes], dict[Stream, bytes], list[Chunk]]]:
    rng = random.Random(seed)
    for _ in range(count):
        secrets = rng.sample(AWKWARD, rng.randint(1, 4))
        texts = {stream: text(rng, secrets, rng.randint(0, 12)) for stream in (OUT, ERR)}
        yield rng, secrets, texts, cut(rng, texts, rng.choice([1, 3, 10, 100]))


@pytest.mark.parametrize(
    "pieces", [(b"a " + KEY + b" z",), (b"a correct-", b"horse z"), tuple(bytes([b]) for b in b"a " + KEY + b" z")]
)
def test_a_secret_is_masked_wherever_the_output_is_cut(pieces: tuple[bytes, ...]) -> None:
    assert of(redact(said(*pieces), [KEY]), OUT) == b"a *** z"


def test_without_secrets_everything_passes_as_it_is() -> None:
    batch = said(b"x", b"correct-horse")
    redactor = Redactor([])
    assert redactor.feed(batch) is batch
    assert redactor.end() == []


def test_only_what_may_be_the_beginning_of_a_secret_waits() -> None:
    redactor = Redactor([KEY])
    assert of(redactor.feed(said(b"Name: ")), OUT) == b"Name: "
    assert of(redactor.feed([Chunk(OUT, b"a cor", 2)]), OUT) == b"a "
    assert of(redactor.feed([Chunk(OUT, b"ner", 3)]), OUT) == b"corner"


def test_a_beginning_waits_for_its_own_stream_only() -> None:
    redactor = Redactor([KEY])
    frames = [Chunk(OUT, b"correct", 1), Chunk(ERR, b"warning\n", 2), Chunk(OUT, b"-horse!", 3)]
    assert [(c.stream, c.data) for c in redactor.feed(frames)] == [(ERR, b"warning\n"), (OUT, b"***!")]


def test_what_waits_to_the_end_is_told_then() -> None:
    assert of(redact(said(b"it is correct-hors"), [KEY]), OUT) == b"it is correct-hors"


def test_a_secret_that_begins_another_and_one_that_overlaps_it_leave_nothing() -> None:
    secrets = [b"password", b"password1234", b"1234abcd"]
    assert of(redact(said(b"<password><password12", b"34abcd>"), secrets), OUT) == b"<***><***>"


def test_secrets_side_by_side_are_two() -> None:
    assert of(redact(said(KEY, KEY), [KEY]), OUT) == b"******"


def test_reports_are_looked_through_each_for_itself() -> None:
    report = b'{"type":"display","media_type":"text/plain"}\n' + KEY
    frames = [Chunk(OUT, b"correct", 1), Chunk(EVENT, report, 2), Chunk(OUT, b"-horse", 3)]
    done = redact(frames, [KEY])
    assert of(done, EVENT) == b'{"type":"display","media_type":"text/plain"}\n***'
    assert of(done, OUT) == b"***"


@pytest.mark.parametrize("seed", range(8))
def test_any_chunks_give_what_the_whole_text_gives(seed: int) -> None:
    for _, secrets, texts, frames in cases(seed, 150):
        done = redact(frames, secrets)
        for stream in (OUT, ERR):
            assert of(done, stream) == plainly(texts[stream], secrets), (secrets, texts)


@pytest.mark.parametrize("seed", range(4))
def test_batches_change_nothing(seed: int) -> None:
    for rng, secrets, _, frames in cases(100 + seed, 100):
        redactor, done, left = Redactor(secrets), [], frames
        while left:
            size = rng.randint(1, len(left))
            done += redactor.feed(left[:size])
            left = left[size:]
        assert [*done, *redactor.end()] == redact(frames, secrets)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_goes_on_from_any_chunk_that_was_stored_says_the_same(seed: int) -> None:
    for _, secrets, _, frames in cases(200 + seed, 25):
        whole = redact(frames, secrets)
        for last, stored in enumerate(whole, 1):
            redactor = Redactor(secrets, stored.mark, stored.held)
            rest = [*redactor.feed([f for f in frames if f.mark > stored.mark]), *redactor.end()]
            assert [*whole[:last], *rest] == whole


@pytest.mark.parametrize("seed", range(4))
def test_deaths_while_it_is_stored_change_no_byte_of_the_log(tmp_path: Path, seed: int) -> None:
    """Each life stores some of it; then the index is cut anywhere, as a crash does, and the next one goes on."""
    for number, (rng, secrets, texts, frames) in enumerate(cases(300 + seed, 15)):
        marked = [replace(frame, time_ns=frame.mark) for frame in frames]
        run_id, ended = str(number), False
        while not ended:
            logs = FileLogStore(tmp_path)
            position = logs.position(run_id)
            redactor, alive = Redactor(secrets, position.mark, position.held), rng.randint(0, len(frames))
            left = [frame for frame in marked if frame.mark > position.mark]
            for frame in left[:alive]:
                if safe := redactor.feed([frame]):
                    logs.append(run_id, safe)
            ended = alive >= len(left)
            if ended and (rest := redactor.end()):
                logs.append(run_id, rest)
            logs.seal(run_id)
            index = tmp_path / run_id / "index"
            if not ended and index.exists():
                records = index.stat().st_size // 40
                with index.open("r+b") as file:
                    file.truncate(40 * max(0, records - rng.randint(0, 2)) + rng.randint(0, 39))
        pieces, offset = [], 0
        while piece := FileLogStore(tmp_path).read(run_id, offset, 1 << 20):
            pieces.append(Chunk(piece.stream, piece.data))
            offset = piece.end
        for stream in (OUT, ERR):
            assert of(pieces, stream) == plainly(texts[stream], secrets)


def test_the_largest_secrets_fit_into_what_is_kept_of_them() -> None:
    secrets = [bytes([number]) * (MAX_BYTES - 1) + b"!" for number in range(MAX_SECRETS)]
    frames = [*said(secrets[-1][:-1]), Chunk(ERR, b"z" + secrets[-2][:-1], 2)]
    stored = Redactor(secrets).feed(frames)[-1]
    assert (stored.data, stored.held < 1 << 56) == (b"z", True)
    rest = Redactor(secrets, 2, stored.held)
    assert of(rest.feed([Chunk(OUT, b"!", 3), Chunk(ERR, b"!", 4)]), OUT) == MASK
    assert rest.end() == []
