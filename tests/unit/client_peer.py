"""A small server that speaks the public contract over real sockets: what the client is tested against.

Its runs do what a test writes down (`Script`); everything else (tokens that expire and rotate, offsets, the window of
eight unacknowledged chunks, Range and ETag, cursors) behaves as the contract says.
"""

from __future__ import annotations

import hashlib
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from flask import Flask, Response, jsonify, request, send_file
from flask_socketio import SocketIO
from werkzeug.serving import WSGIRequestHandler, make_server

CHUNK = 64 * 1024
WINDOW = 8


@dataclass
class Script:
    """What a run does. One that waits for input echoes it, and ends when its input is closed; a deaf one never ends."""

    output: list[tuple[str, bytes]] = field(default_factory=list)
    ending: dict[str, Any] = field(default_factory=lambda: {"state": "succeeded", "exit_code": 0})
    artifacts: dict[str, bytes] = field(default_factory=dict)
    waits_for_input: bool = False
    reports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    waits_for_cancel: bool = False
    deaf: bool = False


@dataclass
class FakeRun:
    id: str
    request: dict[str, Any]
    script: Script
    key: str | None = None
    input: list[bytes | None] = field(default_factory=list)
    state: str = "running"
    cancelled: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def size(self) -> int:
        return _size(self.script.output)

    def json(self) -> dict[str, Any]:
        files = self.script.artifacts
        known = {k: v for k, v in self.request.items() if k != "files"}
        ending = self.script.ending if self.state == "ended" else {"state": self.state}
        return {
            **known,
            "id": self.id,
            "reason": None,
            "exit_code": None,
            "message": None,
            "queue_position": None,
            "queue_wait_s": None,
            "created_at": "2026-01-02T03:04:05Z",
            "started_at": None,
            "finished_at": None,
            "output": {"bytes": self.size(), "truncated": False},
            "artifacts": {"count": len(files), "bytes": sum(map(len, files.values()))},
            **ending,
        }

    def set(self, **changes: Any) -> None:
        with self.changed:
            for name, value in changes.items():
                setattr(self, name, value)
            self.changed.notify_all()

    def feed(self, data: bytes | None) -> None:
        with self.changed:
            self.input.append(data)
            if data:
                self.script.output.append(("stdout", data))
            self.changed.notify_all()

    def cancel(self) -> None:
        self.cancelled += 1
        if self.script.deaf:
            return
        self.script.ending = {"state": "cancelled", "message": "Cancelled"}
        self.set(state="ended")

    def chunks(self, offset: int) -> Iterator[tuple[int, str, bytes]]:
        """Output from `offset`, waiting for more until the run has ended."""
        for index in itertools.count():
            with self.changed:
                self.changed.wait_for(lambda i=index: i < len(self.script.output) or self.finished())
                if index >= len(self.script.output):
                    return
                begin = _size(self.script.output[:index])
                stream, data = self.script.output[index]
            for at in range(max(offset - begin, 0), len(data), CHUNK):
                yield begin + at, stream, data[at : at + CHUNK]

    def finished(self) -> bool:
        if self.state != "ended" and not self.script.waits_for_cancel and not self.script.deaf:
            closed = bool(self.input) and self.input[-1] is None
            if not self.script.waits_for_input or closed:
                self.state = "ended"
        return self.state == "ended"


def _size(output: list[tuple[str, bytes]]) -> int:
    """Bytes that count: those of the platform's own lines do not."""
    return sum(len(data) for stream, data in output if stream != "system")


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Nobody reads it."""


class Peer:
    def __init__(self) -> None:
        self.next_script = Script()
        self.runs: dict[str, FakeRun] = {}
        self.datasets: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.templates: list[dict[str, Any]] = []
        self.users: dict[str, str] = {"ada@example.org": "correct horse"}
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.refreshes = 0
        self.log: list[str] = []
        self.sent = 0
        self.acknowledged = 0
        self.early_ends = 0
        self.starved = threading.Event()
        self.corrupt_offset = lambda offset: offset
        self._serial = itertools.count(1)
        self._lock = threading.Lock()
        self._sids: dict[str, str] = {}
        self.app = Flask(__name__)
        self.io = SocketIO(self.app, async_mode="threading")
        _routes(self)
        _sockets(self)
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        for run in self.runs.values():
            run.set(state="ended")
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def sign_in(self) -> dict[str, str]:
        with self._lock:
            serial = next(self._serial)
            pair = {"access_token": f"access-{serial}", "refresh_token": f"refresh-{serial}"}
            self.access.add(pair["access_token"])
            self.refresh.add(pair["refresh_token"])
        return pair

    def expire(self) -> None:
        """Every access token given out so far is dead."""
        self.access.clear()

    def tell_expired(self) -> None:
        self.expire()
        self.io.emit("auth:expired", {})

    def add_run(self, body: dict[str, Any], key: str | None = None) -> FakeRun:
        with self._lock:
            for run in self.runs.values():
                if key and run.key == key:
                    return run
            run = FakeRun(f"run-{len(self.runs) + 1}", body, self.next_script, key)
            self.next_script = Script()
            self.runs[run.id] = run
        return run

    def watch(self, sid: str, run: FakeRun, offset: int) -> None:
        free = threading.Semaphore(WINDOW)

        def acknowledged(*_: object) -> None:
            self.acknowledged += 1
            free.release()

        if self.early_ends and run.state == "ended":
            self.early_ends -= 1
            self.io.emit("run:state", {"run": run.json()}, to=sid)
            return
        for name, report in run.script.reports:
            self.io.emit(name, {"run_id": run.id, **report}, to=sid)
        for at, stream, data in run.chunks(offset):
            if not free.acquire(blocking=False):
                self.starved.set()
                free.acquire(timeout=30)
            if sid not in self._sids:
                return
            self.sent += 1
            event = {"run_id": run.id, "offset": self.corrupt_offset(at), "stream": stream, "data": data}
            self.io.emit("run:output", event, to=sid, callback=acknowledged)
        self.io.emit("run:state", {"run": run.json()}, to=sid)


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"type": "about:blank", "status": status, "title": "Problem", "detail": detail, "errors": errors or []}


def refuse(status: int, detail: str) -> tuple[Response, int, dict[str, str]]:
    return jsonify(problem(status, detail)), status, {"Content-Type": "application/problem+json"}


def _routes(peer: Peer) -> None:
    app = peer.app

    @app.before_request
    def authenticate() -> Any:
        peer.log.append(f"{request.method} {request.path} {request.headers.get('Range', '')}".strip())
        if request.path.startswith("/api/v1/auth/") and not request.path.endswith("/logout"):
            return None
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if token in peer.access else refuse(401, "The token has expired")

    @app.post("/api/v1/auth/register")
    def register() -> Any:
        peer.users[request.json["email"]] = request.json["password"]
        return {"user": {"id": "u1", "email": request.json["email"]}}, 201

    @app.post("/api/v1/auth/login")
    def login() -> Any:
        if peer.users.get(request.json["email"]) != request.json["password"]:
            return refuse(401, "Wrong email or password")
        return {**peer.sign_in(), "expires_in": 900, "user": {"id": "u1", "email": request.json["email"]}}

    @app.post("/api/v1/auth/refresh")
    def refresh() -> Any:
        spent = request.headers["Authorization"].removeprefix("Bearer ")
        with peer._lock:
            if spent not in peer.refresh:
                return refuse(401, "The refresh token is spent")
            peer.refresh.remove(spent)
            peer.refreshes += 1
        return {**peer.sign_in(), "expires_in": 900}

    @app.post("/api/v1/auth/logout")
    def logout() -> Any:
        peer.access.clear()
        peer.refresh.clear()
        return "", 204

    @app.get("/api/v1/me")
    def me() -> Any:
        return {"id": "u1", "email": "ada@example.org", "role": "user", "quota": {}, "usage": {}}

    @app.post("/api/v1/runs")
    def submit() -> Any:
        if "boom" in request.json:
            return refuse(422, "no")
        return peer.add_run(request.json, request.headers.get("Idempotency-Key")).json(), 201

    @app.get("/api/v1/runs")
    def runs() -> Any:
        return _page([run.json() for run in reversed(peer.runs.values())])

    @app.get("/api/v1/runs/<run_id>")
    def run(run_id: str) -> Any:
        found = peer.runs.get(run_id)
        return found.json() if found else refuse(404, "No such run")

    @app.post("/api/v1/runs/<run_id>/cancel")
    def cancel(run_id: str) -> Any:
        if peer.runs[run_id].state == "ended":
            return refuse(409, "The run has ended")
        peer.runs[run_id].cancel()
        return peer.runs[run_id].json(), 202

    @app.get("/api/v1/runs/<run_id>/output")
    def output(run_id: str) -> Any:
        data = b"".join(data for _, data in peer.runs[run_id].script.output)
        return _bytes(data, "")

    @app.get("/api/v1/runs/<run_id>/artifacts")
    def artifacts(run_id: str) -> Any:
        return _page([_artifact(*item) for item in peer.runs[run_id].script.artifacts.items()])

    @app.get("/api/v1/runs/<run_id>/artifacts/<path:path>")
    def artifact(run_id: str, path: str) -> Any:
        data = peer.runs[run_id].script.artifacts[path]
        return _bytes(data, hashlib.sha256(data).hexdigest())

    @app.get("/api/v1/datasets")
    def datasets() -> Any:
        return _page(peer.datasets)

    @app.post("/api/v1/datasets")
    def upload() -> Any:
        data = request.files["file"].read()
        digest = hashlib.sha256(data).hexdigest()
        made = {"id": f"d{len(peer.datasets) + 1}", "name": request.form["name"], "bytes": len(data), "sha256": digest}
        peer.datasets.append(made)
        peer.uploads[made["id"]] = data
        return made, 201

    @app.delete("/api/v1/datasets/<dataset_id>")
    def delete(dataset_id: str) -> Any:
        peer.datasets[:] = [d for d in peer.datasets if d["id"] != dataset_id]
        return "", 204

    @app.get("/api/v1/templates")
    def templates() -> Any:
        return _page(peer.templates)

    @app.get("/api/v1/templates/<name>")
    def template(name: str) -> Any:
        found = [t for t in peer.templates if t["name"] == name]
        return found[0] if found else refuse(404, "No such template")


def _page(items: list[dict[str, Any]]) -> dict[str, Any]:
    """Pages of two, so that every list of a test has more than one."""
    start = int(request.args.get("cursor", 0))
    following = start + 2
    return {"items": items[start:following], "next": str(following) if following < len(items) else None}


def _artifact(path: str, data: bytes) -> dict[str, Any]:
    return {
        "path": path,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "media_type": "application/octet-stream",
        "created_at": "2026-01-02T03:04:05Z",
    }


def _bytes(data: bytes, etag: str) -> Response:
    return send_file(BytesIO(data), mimetype="application/octet-stream", etag=etag or False, conditional=True)


def _sockets(peer: Peer) -> None:
    io = peer.io

    @io.on("connect")
    def connect(auth: Any) -> None:
        token = (auth or {}).get("token")
        if token not in peer.access:
            raise ConnectionRefusedError(problem(401, "The token has expired"))
        peer._sids[request.sid] = token

    @io.on("disconnect")
    def disconnect(*_: object) -> None:
        peer._sids.pop(request.sid, None)

    @io.on("auth:refresh")
    def refreshed(data: Any) -> Any:
        if data["token"] not in peer.access:
            return {"error": problem(401, "The token has expired")}
        peer._sids[request.sid] = data["token"]
        return {}

    @io.on("run:submit")
    def submit(data: Any) -> Any:
        if "main.py" in data["files"] and data["files"]["main.py"] == "refuse me":
            fields = [{"field": "limits.memory_mb", "message": "above your quota of 1024"}]
            return {"error": problem(422, "The request does not validate", fields)}
        run = peer.add_run(data)
        io.start_background_task(peer.watch, request.sid, run, 0)
        return {"run": run.json()}

    @io.on("run:watch")
    def watch(data: Any) -> Any:
        peer.log.append(f"watch {data['run_id']} {data['offset']}")
        run = peer.runs.get(data["run_id"])
        if run is None:
            return {"error": problem(404, "No such run")}
        io.start_background_task(peer.watch, request.sid, run, data["offset"])
        return {"run": run.json()}

    @io.on("run:input")
    def feed(data: Any) -> Any:
        if peer._sids[request.sid] not in peer.access:
            return {"error": problem(401, "The token has expired")}
        peer.runs[data["run_id"]].feed(data["data"])
        return {}


class CuttingProxy:
    """Passes connections on to `port`; the first are cut after `cuts` bytes from the server, at -1 before any."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._port = port
        self.cuts = cuts
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                limit = self.cuts[self.connections] if self.connections < len(self.cuts) else None
                self.connections += 1
                if limit is not None and limit < 0:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                threading.Thread(target=_pipe, args=(near, far, None), daemon=True).start()
                threading.Thread(target=_pipe, args=(far, near, limit), daemon=True).start()


def _pipe(source: socket.socket, sink: socket.socket, limit: int | None) -> None:
    passed = 0
    with suppress(OSError):
        while (limit is None or passed < limit) and (data := source.recv(CHUNK)):
            sink.sendall(data if limit is None else data[: limit - passed])
            passed += len(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving() -> Iterator[Peer]:
    peer = Peer()
    try:
        yield peer
    finally:
        peer.close()
