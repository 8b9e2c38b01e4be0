"""The key that signs tokens, kept in the data folder."""

from pathlib import Path

import pytest

from server.domain.errors import Conflict
from server.settings import Settings
from server.wiring import signing_key


def test_a_key_is_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    first = signing_key(Settings(data_dir=tmp_path))
    assert signing_key(Settings(data_dir=tmp_path)) == first
    assert len(first) == 64
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("secret_key", 0o600)]


def test_the_rest_of_a_key_that_could_not_be_written_is_no_key(tmp_path: Path) -> None:
    (tmp_path / ".secret_key.part").write_text("half")
    assert len(signing_key(Settings(data_dir=tmp_path))) == 64


def test_a_key_that_was_lost_is_told_and_never_replaced_in_silence(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(Conflict, match="holds no key"):
        signing_key(Settings(data_dir=tmp_path))
