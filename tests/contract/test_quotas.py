"""Quotas hold when everything comes at once, and turns are fair, on each kind of database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from server.db import moves
from server.domain.errors import TooMany
from server.domain.run import RunSpec
from server.domain.times import end_of_day, rfc3339
from tests.integration.web import Platform

SPEC = RunSpec(files={"main.py": ""})
SLOTS = 4


@pytest.fixture
def platform(database, tmp_path):
    url = database.engine.url.render_as_string(hide_password=False)
    platform = Platform(tmp_path, database_url=url, run_slots=SLOTS)
    platform.clock.now = platform.clock.now.replace(hour=12)  # no test of a day goes on over its end
    yield platform
    platform.close()


@pytest.fixture
def alice(platform):
    return platform.tenant()


@pytest.fixture
def bob(platform):
    return platform.tenant()


def submit(platform, tenant):
    """The new run's id, or None when a quota is used up."""
    platform.clock.advance(0.001)
    try:
        return platform.services.runs.submit(tenant.actor, SPEC)["id"]
    except TooMany:
        return None


def submit_at_once(platform, tenant, count):
    actor = tenant.actor

    def one(_):
        try:
            return platform.services.runs.submit(actor, SPEC)["id"]
        except TooMany:
            return None

    with ThreadPoolExecutor(count) as pool:
        return [run_id for run_id in pool.map(one, range(count)) if run_id]


def claim(platform):
    with platform.services.db.transaction() as session:
        return moves.claim(session, "w", platform.clock(), 600, platform.settings.quota)


def finish(platform, lease, **values):
    with platform.services.db.transaction() as session:
        moves.move(session, lease, "running", platform.clock(), started_at=platform.clock())
    platform.end(lease, **values)


def use(platform, tenant, cpu_s):
    """A run of the tenant's that used so much, from its beginning to its end."""
    assert submit(platform, tenant)
    finish(platform, claim(platform), cpu_s=cpu_s)


def usage(tenant):
    return tenant.get("/me").json["usage"]


@pytest.mark.parametrize("quota", ["queued_runs", "runs_per_day"])
def test_50_submissions_at_once_take_what_the_quota_gives_and_no_more(platform, alice, quota):
    platform.set_quota(alice, **{quota: 10})
    assert len(submit_at_once(platform, alice, 50)) == 10
    assert (usage(alice)["queued_runs"], usage(alice)["runs_today"]) == (10, 10)


def test_submissions_of_two_tenants_at_once_are_counted_apart(platform, alice, bob):
    for tenant in (alice, bob):
        platform.set_quota(tenant, runs_per_day=7)
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda tenant: len(submit_at_once(platform, tenant, 25)), (alice, bob)))
    assert taken == [7, 7]


def test_runs_that_end_at_once_are_all_charged_to_the_day(platform, alice):
    for _ in range(10):
        submit(platform, alice)
    leases = [claim(platform) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda lease: finish(platform, lease, cpu_s=1.5), leases))
    assert usage(alice)["cpu_s_today"] == 15.0


def test_the_days_runs_are_refused_until_the_day_ends(platform, alice):
    platform.set_quota(alice, runs_per_day=1)
    alice.submit()
    refused = alice.post("/runs", {"files": {"main.py": ""}})
    end = end_of_day(platform.clock())
    assert (refused.status_code, rfc3339(end) in refused.json["detail"]) == (429, True)
    assert int(refused.headers["Retry-After"]) >= (end - platform.clock()).total_seconds()
    assert usage(alice)["day_ends_at"] == rfc3339(end)
    platform.clock.now = end
    alice.sign_in()
    assert usage(alice)["runs_today"] == 0
    alice.submit()


def test_a_run_that_is_deleted_gives_nothing_of_the_day_back(platform, alice):
    platform.set_quota(alice, runs_per_day=1)
    run_id = alice.submit()
    finish(platform, claim(platform), cpu_s=2.0)
    assert alice.call("DELETE", f"/runs/{run_id}").status_code == 204
    assert (usage(alice)["runs_today"], usage(alice)["cpu_s_today"]) == (1, 2.0)
    assert submit(platform, alice) is None


def test_a_request_that_is_refused_or_repeated_does_not_count(platform, alice):
    platform.set_quota(alice, runs_per_day=1)
    assert alice.post("/runs", {"files": {"a.py": ""}, "entrypoint": "main.py"}).status_code == 422
    answers = [alice.post("/runs", {"files": {"main.py": ""}}, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert usage(alice)["runs_today"] == 1


def test_once_the_cpu_seconds_are_used_up_nothing_is_submitted_or_started_and_what_runs_ends(platform, alice, bob):
    platform.set_quota(alice, cpu_s_per_day=10)
    use(platform, alice, 9.9)
    first, second = submit(platform, alice), submit(platform, alice)
    running = claim(platform)
    assert running.run_id == first
    finish(platform, running, cpu_s=5.0)  # over the quota, and nobody ended it
    assert claim(platform) is None
    assert submit(platform, alice) is None
    left = (end_of_day(platform.clock()) - platform.clock()).total_seconds()
    listed = {run["id"]: run["queue_wait_s"] for run in alice.get("/runs").json["items"]}
    assert listed[second] == pytest.approx(left, abs=1)
    others = submit(platform, bob)
    assert claim(platform).run_id == others
    platform.clock.now = end_of_day(platform.clock())
    assert claim(platform).run_id == second


def test_a_run_is_charged_to_the_day_it_ends_on(platform, alice):
    submit(platform, alice)
    lease = claim(platform)
    platform.clock.now = end_of_day(platform.clock()) + timedelta(hours=1)
    finish(platform, lease, cpu_s=3.0)
    alice.sign_in()
    assert (usage(alice)["runs_today"], usage(alice)["cpu_s_today"]) == (0, 3.0)


def test_a_flood_of_500_delays_another_tenants_run_by_one_turn_at_most(platform, alice, bob):
    for _ in range(500):
        assert submit(platform, alice)
    leases = [claim(platform) for _ in range(SLOTS)]
    late = submit(platform, bob)
    assert bob.get(f"/runs/{late}").json["queue_position"] == 1
    finish(platform, leases[0])
    assert claim(platform).run_id == late


def test_even_with_nothing_running_the_flood_is_one_turn_ahead_at_most(platform, alice, bob):
    for _ in range(500):
        submit(platform, alice)
    late = submit(platform, bob)
    assert late in [claim(platform).run_id for _ in range(2)]


def test_turns_follow_the_weights_and_so_do_the_places_shown(platform, alice, bob):
    platform.set_quota(alice, weight=2, parallel_runs=100)
    runs = {submit(platform, tenant): tenant for _ in range(6) for tenant in (alice, bob)}
    shown = {run_id: tenant.get(f"/runs/{run_id}").json["queue_position"] for run_id, tenant in runs.items()}
    taken = [claim(platform).run_id for _ in range(9)]
    assert taken == sorted(runs, key=shown.__getitem__)[:9]
    assert Counter(runs[run_id] is alice for run_id in taken) == {True: 6, False: 3}


def test_the_wait_is_estimated_from_what_runs_took(platform, alice):
    assert submit(platform, alice)
    lease = claim(platform)
    with platform.services.db.transaction() as session:
        moves.move(session, lease, "running", platform.clock(), started_at=platform.clock())
    platform.clock.advance(40)
    platform.end(lease)
    for _ in range(SLOTS):
        submit(platform, alice)
        claim(platform)
    waiting = [submit(platform, alice) for _ in range(3)]
    alice.sign_in()
    listed = {run["id"]: run["queue_wait_s"] for run in alice.get("/runs").json["items"]}
    assert [listed[run_id] for run_id in waiting] == [10, 20, 30]  # of four that take 40 s, one ends every 10 s


def test_who_has_too_many_queued_is_told_when_one_of_them_is_likely_to_start(platform, alice):
    platform.set_quota(alice, queued_runs=1, parallel_runs=1)
    assert submit(platform, alice)
    lease = claim(platform)
    with platform.services.db.transaction() as session:
        moves.move(session, lease, "running", platform.clock(), started_at=platform.clock())
    platform.clock.advance(50)
    platform.end(lease)
    submit(platform, alice)
    claim(platform)
    submit(platform, alice)
    refused = alice.post("/runs", {"files": {"main.py": ""}})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "50")
