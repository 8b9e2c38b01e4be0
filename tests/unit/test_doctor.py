"""What is wrong with an installation: one finding a part, each with what to do."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from server.doctor import Finding, examine
from server.domain.errors import EngineError, Unavailable
from server.settings import Settings
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
    assert list(found) == ["engine", "runtime", "storage", "image", "pool", "gpus", "network", "database", "disk"]
    assert all(finding.ok and finding.said for finding in found.values())


def test_an_engine_that_is_away_is_told_and_the_rest_is_still_examined(bench: Bench) -> None:
    bench.engine.fail("check", EngineError("The container engine does not answer."), times=5)
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


def test_what_happens_when_the_disk_runs_short_is_told(bench: Bench) -> None:
    assert "below 0 MB no run starts, below 2048 MB ended runs expire early" in findings(bench)["disk"].said


def test_gvisor_is_recommended_for_strangers_code_as_long_as_it_is_not_in_use(bench: Bench) -> None:
    assert "BYTEME_SANDBOX_RUNTIME=runsc" in findings(bench)["runtime"].said
    check = bench.engine.check
    bench.engine.check = lambda: {**check(), "runtimes": ["runc", "runsc"]}
    assert "which this engine has" in findings(bench)["runtime"].said
    bench.engine.check = lambda: {**check(), "runtime": "runsc"}
    assert "BYTEME_SANDBOX_RUNTIME" not in findings(bench)["runtime"].said


def test_a_pool_that_memory_keeps_empty_is_told_with_the_setting_that_decides(bench: Bench) -> None:
    pool = bench.services.settings.model_copy(update={"warm_pool_size": 4})
    check = bench.engine.check
    bench.engine.check = lambda: {**check(), "memory_available_mb": 100}
    finding = _finding_with(bench, pool)
    assert not finding.ok
    assert "BYTEME_WARM_MIN_FREE_MEMORY_MB" in finding.said
    bench.engine.check = lambda: {**check(), "memory_available_mb": 100_000}
    assert _finding_with(bench, pool).ok


def test_a_proxy_that_can_not_be_had_is_told(bench: Bench) -> None:
    check = bench.engine.check
    bench.engine.check = lambda: {**check(), "egress": {"state": "failing", "said": "The proxy does not answer."}}
    assert findings(bench)["network"] == Finding("network", False, "The proxy does not answer.")
    bench.engine.check = lambda: {**check(), "egress": {"state": "ready", "said": "on"}}
    assert findings(bench)["network"] == Finding("network", True, "on")


def _finding_with(bench: Bench, settings: Settings) -> Finding:
    services = replace(bench.services, settings=settings)
    return next(finding for finding in examine(services) if finding.name == "pool")


def test_gpus_are_told_and_a_quota_of_more_than_there_are_is_wrong(tmp_path: Path) -> None:
    bench = Bench(tmp_path, quota='{"gpus": 2}')
    assert findings(bench)["gpus"].said.startswith("BYTEME_QUOTA promises 2 GPUs, this host has 0")
    bench.engine.gpus = 2
    assert findings(bench)["gpus"] == Finding(
        "gpus", True, "2, each for one run at a time; a tenant needs a quota of `gpus`"
    )
    bench.close()
