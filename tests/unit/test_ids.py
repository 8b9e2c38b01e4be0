"""Identifiers."""

import re

from server.domain.ids import make_id


def test_ids_sort_by_the_time_they_were_made_at() -> None:
    times = [0, 1, 255, 256, 1_700_000_000_000, 1_700_000_000_001, (1 << 48) - 1]
    assert sorted(made := [make_id(time) for time in times]) == made


def test_ids_of_one_moment_differ() -> None:
    assert len({make_id(5) for _ in range(1000)}) == 1000


def test_an_id_is_32_hexadecimal_digits_at_any_time() -> None:
    assert all(re.fullmatch("[0-9a-f]{32}", make_id(time)) for time in (0, 1_700_000_000_000, 1 << 60))
