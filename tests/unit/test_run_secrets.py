"""What a program is given as secrets, and that its output shows none of them, over crashes too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from server.db import moves
from server.db.models import Run, RunSecrets, Secret
from server.domain.errors import EngineError
from server.domain.ports import Job, SandboxSpec, Stream
from server.domain.run import Limits
from server.engine.fake import IMAGE, Script
from tests.unit.worker_bench import ACTOR, LONG_AGO, Bench, now

OUT, ERR = Stream.STDOUT, Stream.STDERR
VALUE = "correct horse"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.services.secrets.put(ACTOR, "TOKEN", VALUE)
    yield bench
    bench.close()


def kept(bench: Bench) -> list[str]:
    with bench.db.transaction() as session:
        return list(session.scalars(select(RunSecrets.run_id)))


def test_a_program_finds_it_in_its_environment_and_nowhere_else_is_it_kept(bench: Bench) -> None:
    run = bench.execute(Script(), secrets=("TOKEN",), env={"SEED": "1"})
    assert bench.sandbox.job is not None
    assert bench.sandbox.job.env == {"SEED": "1", "TOKEN": VALUE}
    assert (run["state"], run["env"], kept(bench)) == ("succeeded", {"SEED": "1"}, [])
    with bench.db.transaction() as session:
        assert VALUE not in str(session.execute(select(*Run.__table__.c)).all())


def test_its_output_shows_none_of_it(bench: Bench) -> None:
    says = [(OUT, b"is it correct"), (ERR, b"no\n"), (OUT, b" horse?\n"), (OUT, b"corr")]
    run = bench.execute(Script(says=says), secrets=("TOKEN",))
    assert bench.output(run["id"]) == b"is it no\n***?\ncorr"
    assert run["output"]["bytes"] == len(b"is it no\n***?\ncorr")


def test_a_run_that_names_none_says_what_it_says(bench: Bench) -> None:
    run = bench.execute(Script(says=[(OUT, b"correct horse")]))
    assert bench.output(run["id"]) == b"correct horse"


def test_the_value_is_the_one_of_the_moment_at_which_it_begins(bench: Bench) -> None:
    run_id = bench.submit(secrets=("TOKEN",))
    bench.services.secrets.put(ACTOR, "TOKEN", "battery staple")
    bench.executor.run_next()
    assert bench.run(run_id)["state"] == "succeeded"
    assert bench.sandbox.job is not None
    assert bench.sandbox.job.env == {"TOKEN": "battery staple"}


def test_a_secret_that_is_gone_by_then_fails_the_run_and_says_which(bench: Bench) -> None:
    run_id = bench.submit(secrets=("TOKEN",))
    bench.services.secrets.delete(ACTOR, "TOKEN")
    bench.executor.run_next()
    run = bench.run(run_id)
    assert (run["state"], run["reason"]) == ("failed", "internal_error")
    assert run["message"] == "The secret TOKEN is not there any more: set it again."
    assert bench.sandbox.job is None
    assert bench.sandbox.destroyed


def test_an_attempt_that_failed_before_leaves_none(bench: Bench) -> None:
    bench.engine.fail("open", EngineError())
    run_id = bench.submit(secrets=("TOKEN",))
    bench.executor.run_next()
    assert (bench.run(run_id)["state"], kept(bench)) == ("queued", [])


def left_running(bench: Bench, script: Script) -> str:
    """A run whose worker died as it had begun; its program was given the secret."""
    bench.engine.script = script
    run_id, then = bench.submit(secrets=("TOKEN",)), now() - LONG_AGO
    sandbox = bench.engine.open(SandboxSpec(f"run-{run_id}-1", run_id, 1, IMAGE.digest, Limits()))
    with bench.db.transaction() as session:
        lease = moves.claim(session, "gone", then, 30, bench.services.settings.quota)
        assert lease is not None
        assert moves.begin(session, lease, then, started_at=now())
        values = bench.services.secrets.give(session, run_id, ["TOKEN"])
    sandbox.start(Job(("main.py",), values))
    return run_id


@pytest.mark.parametrize("stored", [0, 1, 2])
def test_after_a_crash_it_is_masked_still_though_it_was_changed_and_deleted(bench: Bench, stored: int) -> None:
    says = [(OUT, b"a correct"), (ERR, b"warning\n"), (OUT, b" horse z")]
    run_id = left_running(bench, Script(says=says))
    with bench.db.transaction() as session:
        values = bench.services.secrets.given(session, run_id)
    from server.domain.redact import Redactor  # what the worker that died had stored

    safe = Redactor([value.encode() for value in values.values()]).feed(bench.sandbox._said)
    bench.logs.append(run_id, safe[:stored])
    bench.logs.seal(run_id)
    bench.services.secrets.put(ACTOR, "TOKEN", "battery staple")
    bench.services.secrets.delete(ACTOR, "TOKEN")
    bench.executor.resume(run_id, bench.sandbox)
    assert bench.run(run_id)["state"] == "succeeded"
    assert bench.output(run_id) == b"a warning\n*** z"
    assert kept(bench) == []


def test_a_run_whose_secrets_cant_be_read_any_more_says_nothing_more(bench: Bench) -> None:
    run_id = left_running(bench, Script(says=[(OUT, b"correct horse")], lasts=True))
    with bench.db.transaction() as session:
        session.execute(update(RunSecrets).values(sealed="1:" + "A" * 80))
    bench.executor.resume(run_id, bench.sandbox)
    run = bench.run(run_id)
    assert (run["state"], run["reason"], bench.output(run_id)) == ("failed", "internal_error", b"")
    assert bench.sandbox.destroyed


def test_sealed_values_are_of_one_account_and_name(bench: Bench) -> None:
    """A row copied to another place in the database opens nothing."""
    bench.services.secrets.put(ACTOR, "OTHER", "battery staple")
    with bench.db.transaction() as session:
        stolen = session.get_one(Secret, (ACTOR.id, "TOKEN")).sealed
        session.get_one(Secret, (ACTOR.id, "OTHER")).sealed = stolen
    run = bench.execute(Script(), secrets=("OTHER",))
    assert (run["state"], bench.sandbox.job) == ("failed", None)
