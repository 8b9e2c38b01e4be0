"""The database is locked, or gone for a while: runs go on, nobody's work is lost, and each ends once."""

import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from client import Client
from tests.postgres import Cluster
from tests.server_process import TERMINAL, ServerProcess, finished, output, submit
from tests.waiting import eventually

LINES = 120
TICKER = f"""
import time
for n in range({LINES}): print(n, flush=True); time.sleep(.03)
open('outputs/x', 'w').write('x')
"""
EXPECTED = b"".join(b"%d\n" % n for n in range(LINES))


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.stop()


def stored(server: ServerProcess, run_id: str) -> bytes:
    """What of a run's output is on the disk, without asking the server."""
    path = server.data_dir / "logs" / run_id / "data"
    return path.read_bytes() if path.exists() else b""


def is_up(server: ServerProcess) -> bool:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=30) as answer:
        return bool(answer.status == 200)


def answer(server: ServerProcess, tenant: Client) -> int:
    """The status of an answer that needs the database, asked for once: the client would try again."""
    request = urllib.request.Request(f"{server.url}/api/v1/me")
    request.add_header("Authorization", f"Bearer {server.token(tenant)}")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def has_ended_well(tenant: Client, run_id: str) -> bool:
    run = finished(tenant, run_id)
    return (run["state"], output(tenant, run_id), run["artifacts"]["count"]) == ("succeeded", EXPECTED, 1)


def test_output_is_stored_and_the_server_answers_while_another_process_holds_the_database(
    own_server: ServerProcess,
) -> None:
    tenant = own_server.tenant()
    run_id = submit(tenant, TICKER)
    eventually(lambda: b"\n5\n" in output(tenant, run_id), "some output")
    with closing(sqlite3.connect(own_server.data_dir / "byteme.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        eventually(lambda: stored(own_server, run_id) == EXPECTED, "all output to be stored")
        assert is_up(own_server)
        assert answer(own_server, tenant) == 503
        other.execute("rollback")
    assert has_ended_well(tenant, run_id)
    assert finished(tenant, submit(tenant, "print(1)"))["state"] == "succeeded"


def test_a_run_outlives_a_database_server_that_dies(tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.create()
    with ServerProcess(tmp_path, BYTEME_DATABASE_URL=url) as server:
        tenant = server.tenant()
        run_id = submit(tenant, TICKER)
        eventually(lambda: b"\n5\n" in output(tenant, run_id), "some output")
        cluster.halt()
        eventually(lambda: stored(server, run_id) == EXPECTED, "all output to be stored")
        assert is_up(server)
        assert answer(server, tenant) == 503
        cluster.start()
        assert has_ended_well(tenant, run_id)
        assert finished(tenant, submit(tenant, "print(1)"))["state"] == "succeeded"
        with psycopg.connect(url) as connection:
            found = connection.execute("select state from run_events where run_id = %s", [run_id]).fetchall()
        assert [state for (state,) in found if state in TERMINAL] == ["succeeded"]
        eventually(lambda: not server.containers() and not server.mounts(), "nothing to be left", 60)
