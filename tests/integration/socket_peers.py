"""What the socket tests hold on to: a server process, a client that notes all it hears, and a bare WebSocket."""

import base64
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import socketio
import websocket

ROOT = Path(__file__).resolve().parents[2]


def eventually(what, timeout_s=20.0):
    """The first true value of `what()`; fails when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while not (value := what()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
    return value


class Server:
    """A server process; its methods are those of `socket_server.Control`."""

    def __init__(self, data_dir, patience=None, **settings):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.socket_server", str(data_dir), json.dumps(settings),
             json.dumps(patience or {})],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"
        self._http = httpx.Client(base_url=self.url, timeout=60)

    def __getattr__(self, name):
        def call(**arguments):
            response = self._http.post(f"/control/{name}", json=arguments)
            assert response.status_code == 200, response.text
            return response.json()

        return call

    def say(self, run_id, data, stream="stdout"):
        self._http.post(
            "/control/say", json={"run_id": run_id, "data": base64.b64encode(data).decode(), "stream": stream}
        ).raise_for_status()

    def running(self, token):
        run_id = self.queue(token=token)
        self.begin(run_id=run_id)
        return run_id

    def stop(self):
        self._http.close()
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()


class Client:
    """A Socket.IO client in threads. `acknowledge` False: it takes in everything and confirms nothing."""

    def __init__(self, server, token, *, acknowledge=True, transports=("websocket",), headers=None):
        self.heard = []
        self.news = threading.Condition()
        self._acknowledge = acknowledge
        self.io = socketio.Client(reconnection=False)
        self.io.on("*", self._hear)
        self.io.on("connect_error", lambda data: self._hear("connect_error", data))
        self.io.on("disconnect", lambda reason: self._hear("disconnect", reason))
        self.io.connect(
            server.url, auth={"token": token} if token else None, transports=list(transports), headers=headers or {},
            wait_timeout=10,
        )  # fmt: skip

    def _hear(self, event, *data):
        with self.news:
            self.heard.append((event, data[0] if data else None))
            self.news.notify_all()
        if not self._acknowledge:
            threading.Event().wait(60)  # the acknowledgement is this function's return

    def ask(self, event, data=None, timeout=10):
        return self.io.call(event, data, timeout=timeout)

    def all(self, event):
        with self.news:
            return [data for name, data in self.heard if name == event]

    def wait_for(self, event, check=lambda data: True, timeout_s=20.0):
        """The first `event` heard whose data pass `check`."""
        with self.news:
            found = []

            def look():
                found[:] = [data for name, data in self.heard if name == event and check(data)]
                return found

            assert self.news.wait_for(look, timeout_s), f"no {event} came; heard {[n for n, _ in self.heard][-20:]}"
            return found[0]

    def end_of(self, run_id, timeout_s=30.0):
        states = ("succeeded", "failed", "cancelled")
        ended = self.wait_for(
            "run:state", lambda d: d["run"]["id"] == run_id and d["run"]["state"] in states, timeout_s
        )
        return ended["run"]

    def output(self, run_id, start=0):
        """All output heard, which must be without gap or repeat from `start` on."""
        data = bytearray()
        for piece in self.all("run:output"):
            if piece["run_id"] == run_id:
                assert piece["offset"] == start + len(data)
                data += piece["data"]
        return bytes(data)

    def close(self):
        closing = threading.Thread(target=self.io.disconnect, daemon=True)
        closing.start()
        closing.join(5)  # a polling client waits for its last poll

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class BareClient:
    """A WebSocket with a small receive buffer that speaks only as much of the protocol as a test asks it to."""

    def __init__(self, server, *, token=None, buffer=None, origin=None):
        options = ((socket.SOL_SOCKET, socket.SO_RCVBUF, buffer),) if buffer else ()
        self.ws = websocket.create_connection(
            f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket", timeout=30, sockopt=options,
            origin=origin, suppress_origin=origin is None,
        )  # fmt: skip
        self.opened = json.loads(self.ws.recv()[1:])
        if token:
            self.ws.send("40" + json.dumps({"token": token}))
            assert self.ws.recv().startswith("40{")

    def emit(self, event, data, ack=None):
        self.ws.send(f"42{'' if ack is None else ack}" + json.dumps([event, data]))

    def read_run(self, run_id, pause=lambda: None):
        """Acknowledges and collects the output of a run to its terminal state."""
        output, header = bytearray(), None
        while True:
            message = self.ws.recv()
            if isinstance(message, bytes):
                assert header["offset"] == len(output)
                output += message
                pause()
            elif message == "2":
                self.ws.send("3")
            elif message.startswith("451-"):
                number, _, rest = message[4:].partition("[")
                header = json.loads("[" + rest)[1]
                self.ws.send(f"43{number}[]")
            elif message.startswith("42"):
                event, data = json.loads(message[2:])
                if event == "run:state" and data["run"]["finished_at"]:
                    return output

    def is_cut(self):
        """Whether the server has ended the connection."""
        try:
            while self.ws.recv() not in ("", b""):
                pass
        except (websocket.WebSocketTimeoutException, TimeoutError):
            return False
        except (websocket.WebSocketException, OSError):
            pass
        return True

    def close(self):
        self.ws.shutdown()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
