"""Names inside an archive, and the archive itself."""

import io
import itertools
import zipfile

import pytest

from server.web.archive import safe_names, zip_stream


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.txt", "a/b.txt"),
        ("../../etc/x", "_/_/etc/x"),
        ("/etc/x", "_/etc/x"),
        ("a//b", "a/_/b"),
        ("a\\..\\b", "a_.._b"),
        ("C:x", "C_x"),
        ("a\r\nb\0", "a__b_"),
        ("trailing. ", "trailing"),
        ("...", "_"),
        ("ü/☃", "ü/☃"),
        ("\ud800", "?"),
    ],
)
def test_a_name_unpacks_below_its_folder(path, name):
    assert safe_names([path]) == [name]


def test_names_that_would_collide_get_numbers():
    paths = ["a.txt", "A.txt", "a.TXT", "d/é", "d/e\u0301", "x?", "x*"]
    assert safe_names(paths) == ["a.txt", "A (2).txt", "a (3).TXT", "d/é", "d/e\u0301 (2)", "x_", "x_ (2)"]


def test_nothing_is_read_before_it_is_sent():
    read = []

    def data(number):
        read.append(number)
        yield b"x" * 10

    stream = zip_stream((f"{number}", 10, data(number)) for number in range(3))
    length = len(stream)
    assert read == []
    pieces = iter(stream)
    sent = next(pieces)
    while len(read) < 1:
        sent += next(pieces)
    assert read == [0]
    sent += b"".join(pieces)
    assert len(sent) == length
    assert zipfile.ZipFile(io.BytesIO(sent)).namelist() == ["0", "1", "2"]


def test_an_archive_may_be_larger_than_4_gib():
    piece = bytes(1 << 20)
    stream = zip_stream([("big", 4097 << 20, itertools.repeat(piece, 4097))])
    length, sent, tail = len(stream), 0, b""
    for part in stream:
        sent += len(part)
        tail = (tail + part)[-200:]
    assert sent == length > 4 << 30
    assert b"PK\x06\x06" in tail  # the ZIP64 end of the central directory
