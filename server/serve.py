"""One server process from its start to its end."""

import logging
import os
import resource
import signal
import socket
import sys
from typing import Any

import gevent
from gevent.event import Event
from gevent.pywsgi import WSGIServer

from server import telemetry
from server.app import create_app
from server.db.migrate import upgrade
from server.domain.errors import BytemeError, Conflict, EngineError
from server.folder import check_whole, locked
from server.patience import PatientHandler
from server.settings import Settings, load
from server.wiring import Services, build

log = logging.getLogger(__name__)

THREADS = 16


def main() -> None:
    """Serves until SIGTERM or SIGINT. A start that can't succeed says why in one line and exits with 1."""
    try:
        settings = load()
        telemetry.configure(settings.log_level)
        _make_room(settings)
        with locked(settings.data_dir):
            check_whole(settings.data_dir)
            serve(settings)
    except BytemeError as error:
        sys.exit(f"byteme: {error.message}")


def _make_room(settings: Settings) -> None:
    """As many descriptors as the host allows: the usual 1024 are few for connections, logs and containers together. And
    threads for the files that runs leave, beside those for everything short."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gevent.get_hub().threadpool.maxsize = THREADS + settings.run_slots


def serve(settings: Settings) -> None:
    services = build(settings)
    upgrade(services.db)
    services.accounts.ensure_admin()
    services.datasets.remove_strays()
    services.uploads.remove_strays()
    _check_engine(services)
    app, _ = create_app(services)
    server = _listen(settings, app)
    services.sweeper.start(lambda: _begin(services))
    if settings.server_cpu == "first":
        go_first()
    _announce(settings, server)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop.set)
    stop.wait()
    _stop(services, server)


def go_first() -> bool:
    """Whether the calling thread, which is the event loop's, goes before everybody else on the CPU from now on.

    Its turns are short, and it sleeps between them; but programs that compute would keep it waiting for a tick of the
    kernel's with many of them. Threads and processes that it begins are as all others. One CPU it would not share.
    """
    if len(os.sched_getaffinity(0)) < 2:
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError as error:  # not root's, or a container without a share of real time
        log.info("the kernel lets the server not go first: %s", error.strerror)
        return False
    return True


def _begin(services: Services) -> None:
    """Nothing new before it is known what an earlier life left: its uids, its storage, its runs."""
    services.engine.start()
    services.dispatcher.start()
    services.image_agent.start()


def _listen(settings: Settings, app: Any) -> WSGIServer:
    server = WSGIServer(
        (settings.host, settings.port), app, log=None, error_log=logging.getLogger("server.wsgi"),
        handler_class=PatientHandler,
    )  # fmt: skip
    try:
        server.start()
        # Connections have it from here: an answer's last packet does not wait for the one before to be acknowledged.
        server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise Conflict(f"Can't listen on {where} (BYTEME_HOST, BYTEME_PORT): {error.strerror}.") from None
    return server


def _check_engine(services: Services) -> None:
    """An engine that is away at the start is no reason not to start: runs wait, and readiness says so."""
    try:
        facts = services.engine.check()
        image = services.engine.resolve(None)
        telemetry.note_image(image.alias, image.ref, image.digest)
        log.info("engine ready", extra={"engine": facts, "image": image.digest})
    except EngineError as error:
        log.error("the engine is not ready: %s", error.message)


def _announce(settings: Settings, server: WSGIServer) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"ByteMe is ready at http://{host}:{server.server_port}", flush=True)  # noqa: T201


def _stop(services: Services, server: WSGIServer) -> None:
    """Takes nothing new, lets what is under way end for a while, and leaves the rest to the next start."""
    log.info("stopping")
    server.stop_accepting()
    services.image_agent.close()
    services.dispatcher.stop(services.settings.shutdown_grace_s)
    server.stop(timeout=1)
    services.tracing.close()
    services.db.close()
    services.engine.close()
    sys.stderr.flush()
    os._exit(0)  # watches and sockets have nothing left to say, and runs go on in their containers
