"""Guarded transitions, on each kind of database: a run has one owner at a time and ends once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from server.db import moves, queries
from server.db.models import Run, RunEvent, User
from server.domain.errors import Conflict, StaleLease
from server.domain.quota import Quota
from server.domain.run import LEASED, TERMINAL, TRANSITIONS, Ending, Reason, State

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE_S = 30.0
QUOTA = Quota(parallel_runs=100)
SUCCESS = Ending(State.SUCCEEDED, "Finished.", exit_code=0)
# The way to each state that is not the first.
WAYS = {
    State.STARTING: [],
    State.RUNNING: [State.RUNNING],
    State.COLLECTING: [State.RUNNING, State.COLLECTING],
}
numbers = count(1)


def add_user(database, **quota):
    user_id = f"user{next(numbers):028d}"
    with database.transaction() as session:
        session.add(
            User(id=user_id, email=f"{user_id}@x.org", password_hash="", role="user", quota=quota, created_at=NOW)
        )
    return user_id


def add_run(database, user_id, image=None):
    run_id = f"{next(numbers):032d}"
    with database.transaction() as session:
        session.add(
            Run(
                id=run_id, user_id=user_id, files={"main.py": ""}, entrypoint="main.py", args=[], env={}, datasets=[],
                limits={}, network="none", output_limit_bytes=1, interactive=False, request_sha256="",
                state=State.QUEUED, created_at=NOW, image_alias=image,
            )
        )  # fmt: skip
    return run_id


def claim(database, worker="w1", now=NOW, quota=QUOTA, lacking=()):
    with database.transaction() as session:
        return moves.claim(session, worker, now, LEASE_S, quota, lacking)


def move(database, lease, to, now=NOW, **values):
    with database.transaction() as session:
        moves.move(session, lease, to, now, **values)


def begin(database, lease, **values):
    with database.transaction() as session:
        return moves.begin(session, lease, NOW, **values)


def finish(database, lease, ending=SUCCESS, now=NOW, **values):
    with database.transaction() as session:
        moves.finish(session, lease, ending, now, **values)


def cancel(database, run_id, now=NOW):
    with database.transaction() as session:
        return moves.request_cancel(session, run_id, now)


def heartbeat(database, lease, now=NOW):
    with database.transaction() as session:
        return moves.heartbeat(session, lease, now, LEASE_S)


def take_over(database, run_id, worker, now):
    with database.transaction() as session:
        return moves.take_over(session, run_id, worker, now, LEASE_S)


def read(database, run_id):
    with database.transaction() as session:
        return session.get_one(Run, run_id)


def history(database, run_id):
    with database.transaction() as session:
        return list(session.scalars(select(RunEvent.state).where(RunEvent.run_id == run_id).order_by(RunEvent.id)))


def bring_to(database, state):
    """A run in a leased state, and its lease."""
    run_id = add_run(database, add_user(database))
    lease = claim(database)
    for to in WAYS[state]:
        move(database, lease, to)
    return run_id, lease


def at_once(*jobs):
    """Runs the jobs in threads that begin together; the result or the exception of each."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait()
        try:
            return job()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_an_empty_queue_gives_no_lease(database):
    assert claim(database) is None


def test_a_claim_starts_the_run_and_says_whose_it_is(database):
    run_id = add_run(database, add_user(database))
    lease = claim(database, "host-1")
    run = read(database, run_id)
    assert (lease.run_id, lease.attempt, lease.worker) == (run_id, 1, "host-1")
    assert (run.state, run.worker, run.attempt, run.lease_token) == (State.STARTING, "host-1", 1, lease.token)
    assert run.lease_until == NOW + timedelta(seconds=LEASE_S)
    assert history(database, run_id) == [State.STARTING]


def test_a_tenants_oldest_run_goes_first(database):
    user = add_user(database)
    runs = [add_run(database, user) for _ in range(3)]
    assert [claim(database).run_id for _ in runs] == runs


def test_the_tenant_with_the_least_running_goes_first(database):
    busy, idle = add_user(database), add_user(database)
    first = [add_run(database, busy) for _ in range(3)]
    late = add_run(database, idle)
    assert [claim(database).run_id for _ in range(4)] == [first[0], late, first[1], first[2]]


def test_no_tenant_runs_more_than_its_quota_at_once(database):
    narrow, wide = add_user(database, parallel_runs=1), add_user(database)
    for user in (narrow, wide):
        for _ in range(3):
            add_run(database, user)
    leases = []
    while lease := claim(database, quota=Quota(parallel_runs=2)):
        leases.append(lease)
    running = Counter(read(database, lease.run_id).user_id for lease in leases)
    assert running == {narrow: 1, wide: 2}


def test_an_ended_run_gives_its_place_to_the_tenants_next(database):
    user = add_user(database, parallel_runs=1)
    add_run(database, user)
    second = add_run(database, user)
    lease = claim(database)
    assert claim(database) is None
    move(database, lease, State.RUNNING)
    move(database, lease, State.COLLECTING)
    finish(database, lease)
    assert claim(database).run_id == second


def test_workers_that_claim_at_once_get_different_runs_in_fair_order(database):
    users = [add_user(database) for _ in range(4)]
    runs = {add_run(database, user) for user in users for _ in range(6)}

    def drain():
        taken = []
        while lease := claim(database, f"w{threading.get_ident()}"):
            taken.append(lease.run_id)
        return taken

    taken = [run_id for result in at_once(*[drain] * 6) for run_id in result]
    assert sorted(taken) == sorted(runs)
    with database.transaction() as session:
        order = session.scalars(
            select(Run.user_id).join(RunEvent, RunEvent.run_id == Run.id).order_by(RunEvent.id)
        ).all()
    for end in range(1, len(order) + 1):
        started = Counter(order[:end])
        assert max(started.values()) - min(started.get(user, 0) for user in users) <= 1


@pytest.mark.parametrize("state", sorted(LEASED))
@pytest.mark.parametrize("to", sorted(set(State) - {State.QUEUED}))
def test_only_the_tables_transitions_are_possible(database, state, to):
    run_id, lease = bring_to(database, state)
    if to in TRANSITIONS[state]:
        move(database, lease, to)
        assert read(database, run_id).state == to
    else:
        with pytest.raises(StaleLease):
            move(database, lease, to)
        assert read(database, run_id).state == state


@pytest.mark.parametrize("state", sorted(LEASED))
def test_a_stale_lease_writes_nothing(database, state):
    run_id, old = bring_to(database, state)
    take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S + 1))
    before = history(database, run_id)
    for attempt in (
        lambda: move(database, old, State.RUNNING),
        lambda: finish(database, old, Ending(State.FAILED, "late", Reason.HOST_LOST)),
        lambda: heartbeat(database, old),
        lambda: move(database, old, State.QUEUED, lease_token=None),
    ):
        with pytest.raises(StaleLease):
            attempt()
    run = read(database, run_id)
    assert (run.state, run.worker, run.message) == (state, "w2", None)
    assert history(database, run_id) == before


def test_what_a_transition_brings_is_written_with_it(database):
    run_id, lease = bring_to(database, State.COLLECTING)
    later = NOW + timedelta(seconds=5)
    ending = Ending(State.FAILED, "Memory limit 64 MB reached.", Reason.OUT_OF_MEMORY, 137)
    finish(database, lease, ending, later, cpu_s=1.5, output_bytes=7)
    run = read(database, run_id)
    assert (run.state, run.reason, run.exit_code, run.message) == ("failed", "out_of_memory", 137, ending.message)
    assert (run.finished_at, run.cpu_s, run.output_bytes, run.lease_token) == (later, 1.5, 7, None)


def test_a_heartbeat_prolongs_the_lease(database):
    run_id, lease = bring_to(database, State.RUNNING)
    later = NOW + timedelta(seconds=20)
    assert heartbeat(database, lease, later) is False
    assert read(database, run_id).lease_until == later + timedelta(seconds=LEASE_S)
    with pytest.raises(StaleLease):
        take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S + 1))


def test_a_heartbeat_tells_that_the_owner_wants_the_end(database):
    run_id, lease = bring_to(database, State.RUNNING)
    cancel(database, run_id)
    assert heartbeat(database, lease) is True


def test_a_run_is_taken_over_once_its_lease_is_out(database):
    run_id, lease = bring_to(database, State.RUNNING)
    with pytest.raises(StaleLease):
        take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S - 1))
    taken = take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S + 1))
    assert (taken.run_id, taken.attempt, taken.worker) == (run_id, lease.attempt, "w2")
    assert heartbeat(database, taken) is False


def test_a_worker_that_was_restarted_takes_its_own_runs_back_at_once(database):
    run_id, _ = bring_to(database, State.RUNNING)
    assert take_over(database, run_id, "w1", NOW).worker == "w1"


def test_of_several_that_take_a_run_over_one_gets_it(database):
    run_id, _ = bring_to(database, State.RUNNING)
    late = NOW + timedelta(seconds=LEASE_S + 1)
    results = at_once(
        *[lambda number=number: take_over(database, run_id, f"new-{number}", late) for number in range(6)]
    )
    won = [result for result in results if isinstance(result, moves.Lease)]
    assert len(won) == 1
    assert all(isinstance(result, StaleLease) for result in results if result not in won)
    assert read(database, run_id).lease_token == won[0].token


@pytest.mark.parametrize("state", sorted(set(State) - LEASED))
def test_a_run_that_nobody_executes_cannot_be_taken_over(database, state):
    run_id = add_run(database, add_user(database))
    with database.transaction() as session:
        session.get_one(Run, run_id).state = state
    with pytest.raises(StaleLease):
        take_over(database, run_id, "w1", NOW)


def test_a_lease_tells_what_executing_the_run_needs(database):
    run_id = add_run(database, add_user(database, parallel_runs=3))
    for lease in (claim(database), take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S + 1))):
        task = lease.task
        assert (task.id, task.state, task.files, task.entrypoint) == (run_id, "starting", {"main.py": ""}, "main.py")
        assert (task.created_at, task.started_at, task.stop_cause, task.trace) == (NOW, None, None, None)
        assert (task.interactive, task.output_limit_bytes, task.quota) == (False, 1, {"parallel_runs": 3})


def test_a_run_begins_unless_its_owner_wants_it_cancelled(database):
    run_id, lease = bring_to(database, State.STARTING)
    cancel(database, run_id)
    assert begin(database, lease, warm=True) is False
    run = read(database, run_id)
    assert (run.state, run.warm, history(database, run_id)) == (State.STARTING, False, [State.STARTING])
    other, lease = bring_to(database, State.STARTING)
    assert begin(database, lease, warm=True) is True
    run = read(database, other)
    assert (run.state, run.warm, history(database, other)) == (State.RUNNING, True, [State.STARTING, State.RUNNING])


def test_a_run_begins_once_and_only_for_its_owner(database):
    run_id, old = bring_to(database, State.STARTING)
    lease = take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S + 1))
    with pytest.raises(StaleLease):
        begin(database, old)
    assert begin(database, lease)
    with pytest.raises(StaleLease):
        begin(database, lease)


def test_a_cancel_and_a_begin_at_once_agree_on_who_came_first(database):
    for _ in range(6):
        run_id, lease = bring_to(database, State.STARTING)
        begun, state = at_once(
            lambda lease=lease: begin(database, lease), lambda run_id=run_id: cancel(database, run_id)
        )
        assert state is (State.RUNNING if begun else State.STARTING)


def test_why_we_stopped_a_run_is_noted_for_whoever_carries_it_on(database):
    run_id, lease = bring_to(database, State.RUNNING)
    with database.transaction() as session:
        moves.note_stop(session, lease, "timeout")
    taken = take_over(database, run_id, "w2", NOW + timedelta(seconds=LEASE_S + 1))
    assert taken.task.stop_cause == "timeout"
    with database.transaction() as session:
        moves.note_stop(session, lease, "cancel")  # no longer its own
    assert read(database, run_id).stop_cause == "timeout"


def test_the_queue_is_known_to_hold_runs_and_runs_whose_tenants_have_room(database):
    narrow = Quota(parallel_runs=1)

    def queue():
        with database.transaction() as session:
            return moves.is_any_queued(session), moves.is_any_claimable(session, narrow, NOW)

    assert queue() == (False, False)
    user = add_user(database)
    add_run(database, user), add_run(database, user)
    assert queue() == (True, True)
    claim(database)
    assert queue() == (True, False)


def test_a_requeued_run_is_claimed_again_as_another_attempt(database):
    run_id, lease = bring_to(database, State.STARTING)
    with database.transaction() as session:
        moves.requeue(session, lease, NOW)
    assert (read(database, run_id).state, read(database, run_id).lease_token) == (State.QUEUED, None)
    assert claim(database, "w2").attempt == 2
    with pytest.raises(StaleLease):
        heartbeat(database, lease)


@pytest.mark.parametrize("state", [State.RUNNING, State.COLLECTING])
def test_a_program_that_has_begun_is_never_requeued(database, state):
    run_id, lease = bring_to(database, state)
    with pytest.raises(StaleLease), database.transaction() as session:
        moves.requeue(session, lease, NOW)
    assert read(database, run_id).state == state


def test_a_queued_run_dies_of_a_cancel_at_once(database):
    run_id = add_run(database, add_user(database))
    assert cancel(database, run_id) is State.CANCELLED
    run = read(database, run_id)
    assert (run.state, run.finished_at, run.cancel_requested_at) == (State.CANCELLED, NOW, NOW)
    assert history(database, run_id) == [State.CANCELLED]
    assert claim(database) is None


@pytest.mark.parametrize("state", sorted(LEASED))
def test_a_cancel_of_a_live_run_is_a_request_that_keeps_its_first_time(database, state):
    run_id, _ = bring_to(database, state)
    assert cancel(database, run_id) is state
    assert cancel(database, run_id, NOW + timedelta(seconds=9)) is state
    assert (read(database, run_id).state, read(database, run_id).cancel_requested_at) == (state, NOW)


@pytest.mark.parametrize("ending", sorted(TERMINAL))
def test_an_ended_run_refuses_everything(database, ending):
    run_id, lease = bring_to(database, State.COLLECTING)
    finish(database, lease, Ending(ending, "first"))
    with pytest.raises(Conflict):
        cancel(database, run_id)
    for attempt in (lambda: finish(database, lease), lambda: move(database, lease, State.RUNNING)):
        with pytest.raises(StaleLease):
            attempt()
    assert (read(database, run_id).state, read(database, run_id).message) == (ending, "first")


def test_of_many_endings_at_once_one_is_written(database):
    run_id, lease = bring_to(database, State.COLLECTING)
    endings = [Ending(state, f"{state} {number}") for state in sorted(TERMINAL) for number in range(3)]
    results = at_once(*[lambda ending=ending: finish(database, lease, ending) for ending in endings])
    assert sum(result is None for result in results) == 1
    assert all(isinstance(result, StaleLease) for result in results if result is not None)
    assert sum(state in TERMINAL for state in history(database, run_id)) == 1
    assert read(database, run_id).message == endings[results.index(None)].message


def test_a_cancel_and_a_claim_at_once_leave_one_of_the_two(database):
    user = add_user(database)
    for _ in range(12):
        run_id = add_run(database, user)
        lease, state = at_once(lambda: claim(database), lambda run_id=run_id: cancel(database, run_id))
        run = read(database, run_id)
        if lease is None:
            assert (state, run.state, run.lease_token) == (State.CANCELLED, State.CANCELLED, None)
        else:
            assert (state, run.state) == (State.STARTING, State.STARTING)
            assert run.cancel_requested_at == NOW
            finish(database, lease, Ending(State.CANCELLED, "Cancelled."))
        assert sum(event in TERMINAL for event in history(database, run_id)) == 1


def test_a_cancel_and_an_ending_at_once_leave_one_ending(database):
    for _ in range(6):
        run_id, lease = bring_to(database, State.COLLECTING)
        ended, state = at_once(
            lambda lease=lease: finish(database, lease), lambda run_id=run_id: cancel(database, run_id)
        )
        assert ended is None
        assert state is State.COLLECTING or isinstance(state, Conflict)
        assert read(database, run_id).state == State.SUCCEEDED


def test_a_failed_transaction_leaves_neither_state_nor_event(database):
    run_id, lease = bring_to(database, State.STARTING)

    def move_and_fail():
        with database.transaction() as session:
            moves.move(session, lease, State.RUNNING, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        move_and_fail()
    assert read(database, run_id).state == State.STARTING
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(RunEvent).where(RunEvent.run_id == run_id)) == 1


def test_a_worker_that_lacks_an_image_leaves_runs_on_it_to_others(database):
    user = add_user(database)
    usual, course = add_run(database, user), add_run(database, user, image="course")
    assert claim(database, lacking={"default"}).run_id == course
    assert claim(database, lacking={"default"}) is None
    with database.transaction() as session:
        assert not moves.is_any_claimable(session, QUOTA, NOW, {"default"})
        assert moves.is_any_claimable(session, QUOTA, NOW, {"course"})
    assert claim(database, lacking={"course"}).run_id == usual


def test_a_run_that_another_host_takes_while_the_queue_is_looked_at_is_left_out(database, monkeypatch):
    monkeypatch.setattr(queries, "waiting_tenants", lambda *_: [])
    add_run(database, add_user(database))
    with database.transaction() as session:
        assert queries.queue_places(session, Quota(), 1, NOW) == {}
