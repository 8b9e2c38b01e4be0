"""What a dataset holds, told by a program of its own that may do nothing but read it: see `server/preview`."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import gevent

from server.domain.errors import NotFound, Unavailable
from server.domain.policy import Actor
from server.preview.kinds import nothing
from server.preview.options import Options
from server.services.datasets import Datasets

AT_ONCE = 2
PATIENCE_S = 20.0  # for one's turn, and then for the answer
MOST_BYTES = 4 << 20  # of an answer: it is read and written again on the loop
_ROOT = Path(__file__).resolve().parents[2]


class Previews:
    """Every call says for whom; what belongs to somebody else raises NotFound."""

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets
        self._turns = BoundedSemaphore(AT_ONCE)

    def look(self, actor: Actor, dataset_id: str, **how: Any) -> dict[str, Any]:
        """The API's Preview; `how` are fields of `Options`. Raises Unavailable when too many look at once."""
        options = Options(name=self._datasets.get(actor, dataset_id)["name"], **how)
        if not self._turns.acquire(timeout=PATIENCE_S):
            raise Unavailable("Many previews are being made; try again.")
        try:
            said = _ask(self._datasets.path(dataset_id), options)
        except FileNotFoundError:  # deleted while it waited
            raise NotFound from None
        finally:
            self._turns.release()
        return dict(said) if said else nothing("It takes too much time or memory to look at.")


def _ask(path: Path, options: Options) -> Mapping[str, Any] | None:
    """What the program says of the file; None when it was stopped, or stopped itself."""
    command = [sys.executable, "-S", "-m", "server.preview", json.dumps(asdict(options))]
    with path.open("rb") as file, subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_ROOT, env={}
    ) as program:  # fmt: skip
        try:
            with gevent.Timeout(PATIENCE_S, TimeoutError):
                said = program.stdout.read(MOST_BYTES) if program.stdout else b""
            return json.loads(said)  # type: ignore[no-any-return]
        except (TimeoutError, ValueError):
            return None
        finally:
            program.kill()
