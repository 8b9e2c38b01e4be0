"""A server process for the tests of the socket side: real accounts, runs, log store, hub and transport under gevent.

No worker: the tests play it, by POST /control/NAME with a JSON object of arguments. Prints its port, then serves.
Usage: python -m tests.integration.socket_server DATA_DIR SETTINGS_AS_JSON PATIENCE_AS_JSON
PATIENCE shortens what we wait for clients, in seconds: connect, refresh, send.
"""

from gevent import monkey

monkey.patch_all()

import base64  # noqa: E402
import gc  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from datetime import UTC, datetime, timedelta  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402

import gevent  # noqa: E402
from flask import Flask, jsonify, request  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402

from server import telemetry  # noqa: E402
from server.db import moves  # noqa: E402
from server.db.models import Base, Run, User  # noqa: E402
from server.db.session import Database  # noqa: E402
from server.domain.errors import Conflict, Forbidden  # noqa: E402
from server.domain.policy import Scope  # noqa: E402
from server.domain.ports import Chunk, Stream  # noqa: E402
from server.domain.run import Ending, RunSpec, State, Usage  # noqa: E402
from server.services.accounts import Accounts  # noqa: E402
from server.services.datasets import Datasets  # noqa: E402
from server.services.keys import ApiKeys  # noqa: E402
from server.services.projects import Projects  # noqa: E402
from server.services.runs import Runs  # noqa: E402
from server.services.secrets import Secrets  # noqa: E402
from server.settings import Settings  # noqa: E402
from server.stores.artifacts_local import LocalArtifactStore  # noqa: E402
from server.stores.logs_file import FileLogStore  # noqa: E402
from server.web import connections, sockets, websocket  # noqa: E402
from server.web.events import EventHub  # noqa: E402
from tests.integration.socket_pattern import pattern  # noqa: E402

PASSWORD = "correct horse battery"


def clock():
    return datetime.now(UTC)


class Dispatcher:
    """Notes what it is asked; its runs take no input while `deaf` holds them."""

    def __init__(self):
        self.inputs = {}
        self.cancelled = []
        self.deaf = set()
        self.live = set()

    def wake(self):
        pass

    def cancel(self, run_id):
        self.cancelled.append(run_id)

    def send_input(self, run_id, data):
        if run_id not in self.live:
            raise Conflict("The run is not running.")
        while run_id in self.deaf:
            gevent.sleep(0.01)
        self.inputs.setdefault(run_id, []).append(data)


def build(data_dir, values):
    settings = Settings(data_dir=data_dir, **values)
    db = Database(settings.database)
    Base.metadata.create_all(db.engine)
    logs, hub, dispatcher = FileLogStore(data_dir / "logs"), EventHub(), Dispatcher()
    projects, datasets = Projects(db, clock), Datasets(db, settings, clock)
    keys = ApiKeys(db, settings, clock)
    accounts = Accounts(db, settings, clock, "s" * 32, keys)
    artifacts, secrets = LocalArtifactStore(data_dir / "artifacts"), Secrets(db, settings, clock, "k")
    runs = Runs(db, settings, clock, dispatcher, logs, artifacts, hub, projects, datasets, secrets)
    return SimpleNamespace(
        settings=settings,
        clock=clock,
        db=db,
        logs=logs,
        events=hub,
        dispatcher=dispatcher,
        accounts=accounts,
        keys=keys,
        runs=runs,
    )


class Control:
    """The worker's part, and a look inside, for the tests."""

    def __init__(self, services, socketio):
        self.services = services
        self.socketio = socketio
        self.leases = {}

    def login(self, email):
        """A new account's tokens."""
        self.services.accounts.create(email, PASSWORD)
        return self.services.accounts.login(email, PASSWORD)

    def refresh(self, token):
        return self.services.accounts.refresh(token)

    def logout(self, token):
        self.services.accounts.logout(self.services.accounts.authenticate(token)[0])

    def disable(self, email):
        with self.services.db.transaction() as session:
            session.query(User).filter_by(email=email).update({"disabled_at": clock()})

    def key(self, token, scopes):
        """A new API key of the account: its id, and what to send."""
        actor, _ = self.services.accounts.authenticate(token)
        return self.services.keys.create(actor, "k", [Scope(scope) for scope in scopes], None)

    def revoke(self, token, key_id):
        self.services.keys.revoke(self.services.accounts.authenticate(token)[0], key_id)

    def queue(self, token):
        actor, _ = self.services.accounts.authenticate(token)
        return self.services.runs.submit(actor, RunSpec(files={"main.py": ""}, entrypoint="main.py", limits={}))["id"]

    def begin(self, run_id):
        """Claims up to this run, and sets it running."""
        settings = self.services.settings
        while run_id not in self.leases:
            with self.services.db.transaction() as session:
                lease = moves.claim(session, "test", clock(), 600, settings.quota)
            self.leases[lease.run_id] = lease
            self.services.events.publish(lease.run_id)
        self.services.dispatcher.live.add(run_id)
        self._move(run_id, State.RUNNING)

    def say(self, run_id, data, stream="stdout"):
        self._append(run_id, Chunk(Stream[stream.upper()], base64.b64decode(data)))

    def report(self, run_id, header, body=""):
        self._append(run_id, Chunk(Stream.EVENT, json.dumps(header).encode() + b"\n" + base64.b64decode(body)))

    def flood(self, run_id, size, piece=60000, pause_every=16):
        """`size` bytes of which each eight tell where they stand, both streams in turn; ends the run when done."""

        def write():
            for count, start in enumerate(range(0, size, piece)):
                data = pattern(start, min(piece, size - start))
                self._append(run_id, Chunk(Stream(1 + count % 2), data))
                if count % pause_every == 0:
                    gevent.sleep(0.001)
            self.end(run_id)

        gevent.spawn(write)

    def end(self, run_id, state="succeeded", exit_code=0):
        self._move(run_id, State.COLLECTING)
        self.services.dispatcher.live.discard(run_id)
        self.services.logs.seal(run_id)
        with self.services.db.transaction() as session:
            moves.finish(
                session, self.leases[run_id], Ending(State(state), "Finished.", exit_code=exit_code), clock(),
                output_bytes=self.services.logs.position(run_id).offset,
            )  # fmt: skip
        self.services.events.publish(run_id)

    def usage(self, run_id, cpu_s, memory_mb):
        self.services.events.usage(run_id, Usage(cpu_s=cpu_s, memory_bytes=memory_mb << 20))

    def state(self, run_id, token):
        return self.services.runs.get(self.services.accounts.authenticate(token)[0], run_id)

    def deafen(self, run_id, deaf):
        (self.services.dispatcher.deaf.add if deaf else self.services.dispatcher.deaf.discard)(run_id)

    def inputs(self, run_id):
        given = self.services.dispatcher.inputs.get(run_id, [])
        return [None if data is None else base64.b64encode(data).decode() for data in given]

    def cancelled(self):
        return self.services.dispatcher.cancelled

    def inside(self):
        gc.collect()
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        value = telemetry.REGISTRY.get_sample_value
        return {
            "rss_mb": int(status["VmRSS"].split()[0]) / 1024,
            "fds": len(os.listdir("/proc/self/fd")),
            "sockets": value("byteme_sockets"),
            "watches": value("byteme_watches"),
            "transports": len(self.socketio.server.eio.sockets),
            "runs": self._count_runs(),
            "bells": len(self.services.events._bells),
            "queued": sum(s.queue.qsize() for s in self.socketio.server.eio.sockets.values()),
        }

    def _count_runs(self):
        with self.services.db.transaction() as session:
            return session.query(Run).count()

    def _append(self, run_id, chunk):
        self.services.logs.append(run_id, [chunk])
        self.services.events.publish(run_id)

    def _move(self, run_id, to):
        with self.services.db.transaction() as session:
            moves.move(session, self.leases[run_id], to, clock())
        self.services.events.publish(run_id)


def shorten(connect=None, refresh=None, send=None):
    connections.CONNECT_WITHIN_S = connect or connections.CONNECT_WITHIN_S
    connections.REFRESH_WITHIN = timedelta(seconds=refresh) if refresh else connections.REFRESH_WITHIN
    websocket.SEND_TIMEOUT_S = send or websocket.SEND_TIMEOUT_S


def main():
    data_dir, values = Path(sys.argv[1]), json.loads(sys.argv[2])
    data_dir.mkdir(exist_ok=True)
    shorten(**json.loads(sys.argv[3]))
    telemetry.configure("WARNING")
    services = build(data_dir, values)
    app = Flask(__name__)
    socketio = sockets.register(app, services)
    control = Control(services, socketio)

    @app.post("/control/<name>")
    def act(name):
        if name.startswith("_"):
            raise Forbidden
        return jsonify(getattr(control, name)(**request.get_json()))

    server = WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
