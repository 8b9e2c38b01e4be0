"""A small soak: runs of known output and artifacts, server, engine and containers killed meanwhile, and everything counted."""

from pathlib import Path

from scripts.soak.soak import Plan, soak


def test_random_kills_lose_nothing_double_nothing_and_leave_nothing(tmp_path: Path) -> None:
    tally = soak(tmp_path, Plan(runs=40, seed=5, kill_every_s=2.0, must_kill=7))
    assert tally.is_clean, "\n".join([tally.table(), *tally.details])
    assert tally.submitted == sum(tally.ended.values()) == 40
