"""Runs in the benchmark's own environment: llm-sandbox as its documentation says, on our image. `session` or `pool` is
the argument; each line of standard input is a JSON request, answered by one line. Said once at the start: ready.

Nothing is installed for a run: the image has all that is needed. `session` skips the set-up of an environment, as its
option is called; `pool` makes each of its containers a virtual environment at the start, which nobody waits for, and
then uses one container for run after run, as it does unless told otherwise.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from llm_sandbox import SandboxSession
from llm_sandbox.pool import PoolConfig, PooledSandboxSession, create_pool_manager

POOL_SIZE = 1
PACKAGES = "/opt/venv/lib/python3.11/site-packages"  # a virtual environment made from the image's own sees them so


def container_options(label: str) -> dict[str, Any]:
    """`init` because otherwise its `stop` waits ten seconds for a first process that ignores the signal."""
    return {
        "network_mode": "none",
        "entrypoint": ["sleep", "infinity"],
        "init": True,
        "environment": {"PYTHONPATH": PACKAGES},
        "labels": dict([label.split("=")]),
    }


def session_opener(image: str, label: str) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: SandboxSession(
        lang="python", image=image, skip_environment_setup=True, runtime_configs=container_options(label)
    )


def pool_opener(image: str, label: str) -> Callable[[], AbstractContextManager[Any]]:
    pool = create_pool_manager(
        backend="docker", lang="python", image=image, runtime_configs=container_options(label),
        config=PoolConfig(max_pool_size=POOL_SIZE, min_pool_size=POOL_SIZE, idle_timeout=None),
    )  # fmt: skip
    pool.release(pool.acquire())  # waits until it is there
    return lambda: PooledSandboxSession(pool_manager=pool)


def timed(open_session: Callable[[], AbstractContextManager[Any]], code: str) -> dict[str, Any]:
    """From opening a session to the first output and to the result; closing it is not counted."""
    moments: list[float] = []
    begin = time.perf_counter()
    with open_session() as session:
        result = session.run(code, on_stdout=lambda _: moments.append(time.perf_counter()))
        end = time.perf_counter() - begin
    first = moments[0] - begin if moments else end
    return {"first": first, "end": end, "output": result.stdout, "exit_code": result.exit_code}


def main() -> None:
    mode, image, label = sys.argv[1:]
    opener = {"session": session_opener, "pool": pool_opener}[mode](image, label)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(opener, json.loads(line)["code"])), flush=True)


if __name__ == "__main__":
    main()
