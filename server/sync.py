"""`python -m server.sync`: a host that joins pulls all that it should have, before its server takes runs.

Ends with 0 once every image that is wanted is ready here, or with the code of why one is not. Patches the standard
library for gevent before anything else is imported.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Mapping  # noqa: E402
from typing import Any  # noqa: E402

from server import telemetry  # noqa: E402
from server.db import image_moves  # noqa: E402
from server.db.migrate import upgrade  # noqa: E402
from server.domain.errors import BytemeError  # noqa: E402
from server.domain.image import HOPELESS, HostState  # noqa: E402
from server.folder import check_whole, locked  # noqa: E402
from server.settings import load  # noqa: E402
from server.wiring import Services, build  # noqa: E402

EXIT = {"auth": 3, "not_found": 4, "policy": 5, "digest": 5, "disk": 5, "smoke": 7}
PAUSE_S = 0.5

State = Mapping[str, Any]  # of one image here


def main() -> None:
    """Takes `--json`. The data folder is locked: a server that runs here does all this by itself."""
    as_json = "--json" in sys.argv[1:]
    try:
        settings = load()
        telemetry.configure("WARNING")
        with locked(settings.data_dir):
            check_whole(settings.data_dir)
            services = build(settings)
            upgrade(services.db)
            services.engine.find()  # so that no sandbox here is given what one of an earlier life still has
            sys.exit(sync(services, as_json))
    except BytemeError as error:
        sys.exit(f"byteme: {error.message}")


def sync(services: Services, as_json: bool) -> int:
    """Pulls and tries out what is wanted; shows what changes. The exit code."""
    shown: list[State] = []
    until = time.monotonic() + services.settings.image_deadline_s
    while True:
        services.image_agent.reconcile()
        states = look(services)
        for state in states:
            if state not in shown:
                print(json.dumps(state) if as_json else _line(state), flush=True)  # noqa: T201
        shown = states
        open_ = [state for state in states if state["state"] != HostState.READY and state["why"] not in HOPELESS]
        if not open_ or time.monotonic() >= until:
            services.image_agent.close()
            return _code(states)
        time.sleep(PAUSE_S)


def look(services: Services) -> list[State]:
    """How each wanted image is on this host."""
    host = services.settings.this_host
    with services.db.transaction() as session:
        rows = {
            image: next((row for row in image_moves.on_hosts(session, image.digest) if row.host == host), None)
            for image in image_moves.wanted_images(session)
        }
    return [
        {
            "digest": image.digest,
            "state": row.state if row else "waiting",
            "percent": int((row.progress if row else 0.0) * 10) * 10,
            "why": row.why if row else None,
            "message": row.message if row else "",
        }
        for image, row in rows.items()
    ]


def _line(state: State) -> str:
    percent = f" {state['percent']}%" if state["state"] == "pulling" else ""
    return f"{state['digest'][:19]}: {state['state']}{percent} {state['message']}".rstrip()


def _code(states: list[State]) -> int:
    failed = [state for state in states if state["state"] != HostState.READY]
    return EXIT.get(str(failed[0]["why"]), 1) if failed else 0


if __name__ == "__main__":
    main()
