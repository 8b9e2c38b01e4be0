"""The filters of the list of runs find the same on each kind of database."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from server.db.models import Run, User
from server.db.run_filter import RunFilter
from server.domain.run import Reason, State

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def run(number, **values):
    given = {
        "id": f"{number:032x}", "user_id": "u", "files": {}, "entrypoint": "main.py", "args": [], "env": {},
        "datasets": [], "limits": {}, "network": "none", "output_limit_bytes": 1, "interactive": False,
        "request_sha256": "", "state": State.SUCCEEDED, "created_at": NOON + timedelta(minutes=number),
    }  # fmt: skip
    return Run(**given | values)


@pytest.fixture
def runs(database):
    with database.transaction() as session:
        session.add(User(id="u", email="a@b.c", password_hash="", role="user", created_at=NOON))
        session.flush()
        session.add_all(
            [
                run(1, tags=["Best", "a_b"], starred=True, note="100% done"),
                run(2, tags=["bestow", 'q"x"'], state=State.FAILED, reason=Reason.TIMEOUT, project_id="p"),
                run(3, tags=None, entrypoint="src/Train.py", starred=False, note="é"),
            ]
        )
    return database


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3]),
        ({"state": State.FAILED}, [2]),
        ({"reason": Reason.TIMEOUT}, [2]),
        ({"project": "p"}, [2]),
        ({"tag": "best"}, [1]),
        ({"tag": "BESTOW"}, [2]),
        ({"tag": "a%b"}, []),
        ({"tag": "x"}, []),
        ({"tag": 'q"x"'}, [2]),
        ({"starred": True}, [1]),
        ({"starred": False}, [2, 3]),
        ({"text": "train"}, [3]),
        ({"text": "100%"}, [1]),
        ({"text": "_"}, []),
        ({"text": f"{2:032x}"}, [2]),
        ({"text": "É"}, []),
        ({"since": NOON + timedelta(minutes=2)}, [2, 3]),
        ({"starred": True, "state": State.FAILED}, []),
    ],
)
def test_a_filter_finds_what_it_names(runs, wanted, found):
    with runs.transaction() as session:
        rows = session.scalars(RunFilter(**wanted).apply(select(Run)).order_by(Run.id)).all()
    assert [int(row.id, 16) for row in rows] == found
