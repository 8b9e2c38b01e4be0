"""What is wrong with an installation: one finding a part, each with what to do."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from server.doctor import Finding, examine
from server.domain.errors import EngineError, Unavailable
from tests.unit.worker_bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def findings(bench: Bench) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(bench.services)}


def test_a_sound_installation_is_said_to_be_sound_part_by_part(bench: Bench) -> None:
    found = findings(bench)
    assert list(found) == ["engine", "runtime", "storage", "image", "database", "disk"]
    assert all(finding.ok and finding.said for finding in found.values())


def test_an_engine_that_is_away_is_told_and_the_rest_is_still_examined(bench: Bench) -> None:
    bench.engine.fail("check", EngineError("The container engine does not answer."), times=3)
    found = findings(bench)
    assert found["engine"] == Finding("engine", False, "The container engine does not answer.")
    assert found["database"].ok
    assert found["disk"].ok


def test_a_missing_image_is_told(bench: Bench) -> None:
    bench.engine.image = None
    assert not findings(bench)["image"].ok


def test_a_database_that_is_away_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(bench.services.db, "check", away)
    assert findings(bench)["database"] == Finding("database", False, "The database does not answer.")


def test_a_full_disk_is_told_with_the_setting_that_decides(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=-(1 << 20)))
    finding = findings(bench)["disk"]
    assert not finding.ok
    assert "BYTEME_MIN_FREE_DISK_MB" in finding.said
