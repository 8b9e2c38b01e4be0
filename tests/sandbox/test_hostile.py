"""Hostile programs: each ends as it must, while others work on undisturbed, and leaves the host as it was.

The programs are in `hostile/`, each with what must happen. They are submitted as anybody's are, some at a time.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import docker
import pytest

from client import ByteMeError, Client, Output
from tests.sandbox.arena import OUTPUT_BYTES, SETTINGS, UIDS, Arena
from tests.sandbox.host_state import host_state
from tests.sandbox.hostile.catalogue import DATASET, Program, neighbour, programs
from tests.server_process import ServerProcess, finished
from tests.waiting import eventually

REASONS = {"succeeded", "timeout", "out_of_memory", "disk_limit", "output_limit", "artifact_limit"}
CASES = [pytest.param(place, program, id=f"{place}-{program}") for place in SETTINGS for program in programs(place)]
IN_TURN = ("leaves_marks", "poisons_the_next", "waits_for_the_next")
TOGETHER = ("listens_for_others", "shares_names", "uses_up_its_users_limits", "looks_for_others")

Outcomes = Mapping[tuple[str, str], "Future[Mapping[str, Any]]"]


@pytest.fixture(scope="module")
def left_behind() -> Iterator[list[ServerProcess]]:
    """Around all that happens here: once the servers put into it have stopped, the host is as it was."""
    servers: list[ServerProcess] = []
    before = host_state(servers, UIDS)
    yield servers
    with suppress(AssertionError):
        eventually(lambda: before == host_state(servers, UIDS), "the host to be as it was", 30)
    assert before.changes(host_state(servers, UIDS)) == {}


class Arenas(dict[str, Arena]):
    """By place; each is made when it is first asked for."""

    def __init__(self, stack: ExitStack, servers: list[ServerProcess], folders: pytest.TempPathFactory) -> None:
        super().__init__()
        self._stack, self._servers, self._folders = stack, servers, folders

    def __missing__(self, place: str) -> Arena:
        if place == "gvisor" and "runsc" not in runtimes():
            pytest.skip("the engine has no gVisor")
        server = self._stack.enter_context(ServerProcess(self._folders.mktemp(place), **SETTINGS[place]))
        self._servers.append(server)
        self[place] = self._stack.enter_context(Arena(server))
        return self[place]


def runtimes() -> set[str]:
    api = docker.APIClient(timeout=30)
    found = set(api.info()["Runtimes"])
    api.close()
    return found


@pytest.fixture(scope="module")
def arenas(left_behind: list[ServerProcess], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arenas]:
    with ExitStack() as stack:
        yield Arenas(stack, left_behind, tmp_path_factory)


@pytest.fixture(scope="module")
def outcomes(arenas: Arenas, request: pytest.FixtureRequest) -> Outcomes:
    """The runs of the programs that were selected, begun when the first of their place is asked for."""
    selected = [
        item.callspec.params for item in request.session.items if "outcomes" in getattr(item, "fixturenames", ())
    ]

    class Begun(dict[tuple[str, str], "Future[Mapping[str, Any]]"]):
        def __missing__(self, key: tuple[str, str]) -> "Future[Mapping[str, Any]]":
            place = key[0]
            for case in selected:
                if case["place"] == place:
                    self[place, case["program"].name] = arenas[place].begin(case["program"])
            return self[key]

    return Begun()


def ending(run: Mapping[str, Any]) -> str:
    """As the programs' headers say it."""
    if run["reason"] == "exit_code":
        return f"exit {run['exit_code']}"
    return str(run["reason"] or run["state"])


def check(arena: Arena, program: Program, run: Mapping[str, Any], tenant: Client | None = None) -> None:
    """Has everything happened that must, and nothing that must not."""
    tenant = tenant or arena.attacker
    said = arena.said(tenant, run["id"])
    text = said.decode("utf-8", "replace")
    assert "BREACH" not in text, text[-3000:]
    assert ending(run) in program.ends, f"{run['message']}\n{text[-3000:]}"
    assert ending(run) != "succeeded" or not program.reports or "CONTAINED" in text, text[-3000:]
    assert [wanted for wanted in program.says if wanted not in text] == [], text[-3000:]
    assert program.output is None or said == program.output
    assert run["output"]["bytes"] <= OUTPUT_BYTES
    if program.artifacts is not None:
        assert tuple(sorted(a.path for a in tenant.artifacts(run["id"]))) == program.artifacts
    if program.never:
        kept = [artifact.path for artifact in tenant.artifacts(run["id"])]
        assert kept
        assert not [path for path in kept if any(text in path for text in program.never)]
    if program.skipped is not None:
        assert tuple(sorted(item["path"] for item in run["artifacts"]["skipped"])) == program.skipped
    if program.dataset:
        assert arena.dataset_on_disk() == DATASET


def test_every_program_says_what_must_happen() -> None:
    found = programs()
    assert len(found) > 100
    for program in found:
        assert program.title.endswith("."), program
        assert set(program.places) <= set(SETTINGS), program
        assert {end for end in program.ends if not end.startswith("exit ")} <= REASONS, program


@pytest.mark.parametrize(("place", "program"), CASES)
def test_a_hostile_program_ends_as_it_must(arenas: Arenas, outcomes: Outcomes, place: str, program: Program) -> None:
    run = outcomes[place, program.name].result()
    assert run["warm"] is (place == "warm")
    check(arenas[place], program, run)


@pytest.mark.parametrize("place", ["cold", "warm"])
@pytest.mark.parametrize("name", IN_TURN)
def test_nothing_passes_from_a_run_to_the_next_of_the_same_or_another_tenant(
    arenas: Arenas, place: str, name: str
) -> None:
    arena, program = arenas[place], neighbour(name)
    for tenant in (arena.attacker, arena.attacker, arena.server.tenant()):
        check(arena, program, arena.run(program, tenant), tenant)


@pytest.mark.parametrize("place", ["cold", "warm"])
@pytest.mark.parametrize("name", TOGETHER)
def test_two_tenants_at_the_same_time_have_nothing_in_common(arenas: Arenas, place: str, name: str) -> None:
    arena, program = arenas[place], neighbour(name)
    pair = [(tenant, arena.submit(program, tenant)) for tenant in (arena.attacker, arena.server.tenant())]
    for tenant, run_id in pair:
        check(arena, program, finished(tenant, run_id), tenant)


DEAF = "import time; print('up', flush=True); time.sleep(600)"


def test_a_flood_of_input_that_nobody_reads_keeps_nobody_waiting_and_the_run_can_be_ended(arenas: Arenas) -> None:
    """The arena's bystander goes on asking meanwhile, and its server may not grow by what can't be handed over."""
    server = arenas["cold"].server
    tenant = server.tenant()
    begun: list[None] = []

    def flood() -> None:
        with suppress(ByteMeError):  # the server takes no more, or the run has ended
            for _ in range(16):
                begun.append(None)
                tenant.send_input(live.run_id, b"x" * (256 << 10))

    with tenant.launch({"files": {"main.py": DEAF}}) as live, ThreadPoolExecutor(16) as hands:
        next(event for event in live if isinstance(event, Output))
        for _ in range(16):
            hands.submit(flood)
        eventually(lambda: len(begun) >= 16, "the flood")
        tenant.cancel(live.run_id)
        assert finished(tenant, live.run_id)["state"] == "cancelled"
