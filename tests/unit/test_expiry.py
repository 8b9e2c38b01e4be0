"""What has grown old goes; what is merely oldest goes early when the disk is short."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from server.db.models import AuditEntry, Run
from server.domain.errors import NotFound
from server.domain.ports import Stream
from server.engine.fake import Script
from server.worker.expiry import Expiry
from tests.unit.worker_bench import ACTOR, Bench, now

SCRIPT = Script([(Stream.STDOUT, b"said")], {"model": b"x"})
MORE_THAN_ANY_DISK_MB = str(1 << 40)


@pytest.fixture
def short(tmp_path: Path) -> Iterator[Bench]:
    """Whose disk is short, whatever happens."""
    bench = Bench(tmp_path, BYTEME_EXPIRE_BELOW_MB=MORE_THAN_ANY_DISK_MB)
    yield bench
    bench.close()


def ended(bench: Bench, days_ago: float) -> str:
    """A run that ended so long ago."""
    run_id = str(bench.execute(SCRIPT)["id"])
    with bench.db.transaction() as session:
        session.get_one(Run, run_id).finished_at = now() - timedelta(days=days_ago)
    return run_id


def is_there(bench: Bench, run_id: str) -> bool:
    try:
        bench.run(run_id)
    except NotFound:
        assert bench.output(run_id) == b""
        assert not (bench.services.settings.artifact_dir / run_id).exists()
        return False
    return True


def test_while_the_disk_is_short_ended_runs_go_early_but_not_the_young_nor_those_that_live(short: Bench) -> None:
    old, young, waiting = ended(short, 8), ended(short, 6), short.submit()
    assert short.services.expiry.make_room() == 1
    assert [is_there(short, run_id) for run_id in (old, young, waiting)] == [False, True, True]


def test_the_oldest_go_first_and_no_more_than_is_needed(short: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.worker.expiry.EARLY_AT_ONCE", 1)
    looks = iter([True, True, False])
    monkeypatch.setattr(Expiry, "_is_short", lambda _: next(looks))
    runs = [ended(short, days) for days in (9, 11, 10)]
    assert short.services.expiry.make_room() == 2
    assert [is_there(short, run_id) for run_id in runs] == [True, False, False]


def test_with_room_nothing_goes_early_and_zero_turns_it_off(tmp_path: Path) -> None:
    for setting in ("1", "0"):
        bench = Bench(tmp_path / setting, BYTEME_EXPIRE_BELOW_MB=setting)
        run_id = ended(bench, 8)
        assert bench.services.expiry.make_room() == 0
        assert is_there(bench, run_id)
        bench.close()


def test_what_expired_and_why_is_in_the_audit_trail(short: Bench) -> None:
    early, due = ended(short, 8), ended(short, 31)
    short.services.expiry.expire()
    short.services.expiry.make_room()
    with short.db.transaction() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.verb == "run.expire"))
        assert {entry.thing: entry.detail for entry in entries} == {
            early: {"why": "disk", "user": ACTOR.id}, due: {"why": "age", "user": ACTOR.id},
        }  # fmt: skip


@pytest.mark.parametrize("step", [timedelta(days=400), timedelta(days=-1)])
def test_a_clock_that_is_set_makes_nothing_expire(short: Bench, step: timedelta) -> None:
    offset = timedelta(0)

    def clock() -> datetime:
        return now() + offset

    services = short.services
    expiry = Expiry(services.settings, services.db, services.logs, services.artifacts, services.uploads, clock)
    run_id = ended(short, 8)
    offset = step
    expiry.look()
    assert is_there(short, run_id)
    offset = timedelta(0)
    expiry.look()
    assert not is_there(short, run_id)
