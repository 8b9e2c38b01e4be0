"""The one way out: a proxy in a container of its own, and for each run that may use it a socket in that run's network.

A sandbox has no network, also one with `egress`. It finds a listening socket on its own loopback; whose that is, the
proxy knows from where it was handed over, never from what is said on it. The hand-over is a connection to the proxy for
each run: when that ends, for whatever reason (the run, the proxy, or this server is gone), the way out is closed.
"""

import json
import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
from docker.errors import APIError, NotFound
from gevent.event import Event
from gevent.lock import RLock
from prometheus_client import Counter, Gauge

from server import telemetry
from server.domain.errors import EngineError
from server.engine import convert_egress as convert
from server.engine import netns
from server.engine.convert import PROXY_PORT
from server.settings import Settings

log = logging.getLogger(__name__)

PROTOCOL = "1"
READY_S = 30.0  # from the start of the proxy to its first answer
CLOSE_S = 10.0
RETRY_S = (0.5, 30.0)  # between attempts to have one, doubling
CALM_S = 10.0  # a proxy that lived longer is started again at once
NAMES_LOGGED = 100  # different ones of a run
_RESOLV = ("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf")

REQUESTS = Counter(
    "byteme_egress_requests", "Requests of runs to the network.", ["result"], registry=telemetry.REGISTRY
)
OPEN = Gauge("byteme_egress_runs", "Runs that may reach the network now.", registry=telemetry.REGISTRY)
STARTS = Counter("byteme_egress_proxy_starts", "Starts of the proxy.", registry=telemetry.REGISTRY)


class Egress:
    """The proxy of this data folder. `api` gives the SDK's client, `translated` makes its errors ours."""

    def __init__(
        self, settings: Settings, state_dir: Path, owner: str, api: Callable[[], Any], translated: Any
    ) -> None:
        self._settings, self._owner, self._api, self._translated = settings, owner, api, translated
        self._folder = state_dir.resolve()
        self._making = RLock()
        self._begun = self._closed = False
        self._is_stale = True  # what is there was left by an earlier life, with its settings

    @property
    def is_on(self) -> bool:
        return self._settings.egress == "on"

    def start(self) -> None:
        """Removes what an earlier life left, and has a proxy ready before the first run asks. Never raises."""
        self._begun = True
        gevent.spawn(self._begin)

    def close(self) -> None:
        """Removes the proxy and its network, if this process has made them. Never raises."""
        self._closed = True
        if self.is_on and self._begun:
            with suppress(EngineError), gevent.Timeout(CLOSE_S, False), self._making:  # one that is being made, too
                self._clear()

    def check(self) -> dict[str, str]:
        """How it is, `state` (off, ready, failing), and what there is to say. Nothing is changed; never raises."""
        if not self.is_on:
            return {"state": "off", "said": "off: no run reaches the network (BYTEME_EGRESS=off)"}
        try:
            return {"state": "ready", "said": self._examine()}
        except EngineError as error:
            return {"state": "failing", "said": error.message}

    def admit(self, listener: socket.socket, domains: tuple[str, ...]) -> socket.socket:
        """Hands a run's socket to the proxy; the connection that keeps it open. Raises EngineError."""
        channel = self._channel()
        try:
            self._told(channel, {"domains": domains}, (listener.fileno(),))
        except BaseException:
            channel.close()
            raise
        return channel

    def _examine(self) -> str:
        self._check_image()
        self._check_resolvers()
        proxy = self._proxy()
        with self._translated():
            is_there = self._api().containers(all=True, filters={"label": f"{convert.OWNER}={self._owner}"})
        if not is_there:
            return f"on: {proxy.image} is here; the proxy runs while the server does"
        try:
            channel = self._connected()
        except OSError as error:
            raise EngineError(f"The egress proxy {proxy.name} does not answer: {error.strerror}.") from error
        with channel:
            runs = self._told(channel, {"status": True}, ())["runs"]
        return f"on: the proxy {proxy.name} answers; runs that use it: {runs}; it asks {', '.join(proxy.resolvers)}"

    # talking to it

    def _channel(self) -> socket.socket:
        """To the proxy, which is made when there is none. Raises EngineError."""
        with suppress(OSError):
            return self._reached()
        with self._making:
            with suppress(OSError):  # somebody else has made one meanwhile
                return self._reached()
            self._make()
            return self._await()

    def _reached(self) -> socket.socket:
        if self._is_stale:
            raise ConnectionRefusedError
        return self._connected()

    def _connected(self) -> socket.socket:
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = -1
        try:
            folder = os.open(self._folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            channel.connect(f"/proc/self/fd/{folder}/control.sock")  # short, wherever the data folder is
            channel.settimeout(READY_S)
        except BaseException:
            channel.close()
            raise
        finally:
            if folder >= 0:
                os.close(folder)
        return channel

    def _await(self) -> socket.socket:
        """A connection to a proxy that was just started."""
        with gevent.Timeout(READY_S, EngineError("The egress proxy did not start in time.")):
            while True:
                with suppress(OSError):
                    return self._connected()
                self._check_wanted()
                self._check_alive()
                gevent.sleep(0.05)

    def _check_wanted(self) -> None:
        if self._closed:
            raise EngineError("The server stops.")

    def _check_alive(self) -> None:
        with self._translated():
            state = self._api().inspect_container(self._proxy().name)["State"]
        if not state["Running"]:
            with self._translated():
                said = self._api().logs(self._proxy().name, tail=5).decode("utf-8", "replace").strip()
            raise EngineError(f"The egress proxy ended at once: {said[-300:]}")

    @staticmethod
    def _told(channel: socket.socket, message: dict[str, Any], fds: tuple[int, ...]) -> dict[str, Any]:
        try:
            socket.send_fds(channel, [json.dumps(message).encode()], fds)
            return dict(json.loads(channel.recv(1 << 16)))
        except (OSError, ValueError) as error:
            raise EngineError(f"The egress proxy does not answer: {error}") from error

    # making it

    def _begin(self) -> None:
        try:
            if self.is_on:
                self._channel().close()
            else:
                self._clear()
        except EngineError as error:
            log.error("no run reaches the network: %s", error.message)

    def _make(self) -> None:
        self._check_wanted()
        self._clear()
        self._is_stale = False
        self._check_image()
        self._check_resolvers()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        STARTS.inc()
        with self._translated():
            self._make_network()
            proxy = self._proxy()  # after its network: that gives the host another address
            config = self._api().create_host_config(**convert.host_arguments(proxy))
            made = self._api().create_container(host_config=config, **convert.create_arguments(proxy))
            self._api().start(made["Id"])

    def _make_network(self) -> None:
        if self._settings.egress_bridge:
            return
        self._api().create_network(
            self._own_network(), driver="bridge", labels={convert.OWNER: self._owner}, check_duplicate=True,
            options={"com.docker.network.bridge.enable_icc": "false"},
        )  # fmt: skip

    def _clear(self) -> None:
        """No proxy and no network of this data folder, of this life or an earlier one."""
        label = {"label": f"{convert.OWNER}={self._owner}"}
        with self._translated():
            for container in self._api().containers(all=True, filters=label):
                with suppress(NotFound):
                    self._api().remove_container(container["Id"], force=True, v=True)
            for network in self._api().networks(filters=label):
                with suppress(APIError):
                    self._api().remove_network(network["Id"])

    def _check_image(self) -> None:
        ref = self._settings.egress_image
        try:
            with self._translated():
                found = self._api().inspect_image(ref)
        except EngineError:
            raise EngineError(f"The proxy's image {ref} is not on this host; `make egress-image` builds it.") from None
        if (found["Config"].get("Labels") or {}).get("byteme.egress.protocol") != PROTOCOL:
            raise EngineError(f"The image {ref} is not an egress proxy of this version; `make egress-image` builds it.")

    def _check_resolvers(self) -> None:
        if not self._resolvers():
            raise EngineError("This host's resolver is no other machine: name one with BYTEME_EGRESS_DNS.")

    def _own_network(self) -> str:
        return f"byteme-egress-{convert.mark(self._owner)}"

    def _proxy(self) -> convert.Proxy:
        trie, six = (Path(f"/proc/net/{name}") for name in ("fib_trie", "if_inet6"))
        return convert.Proxy(
            self._owner, self._settings.egress_image, self._settings.egress_bridge or self._own_network(),
            str(self._folder), self._resolvers(), tuple(self._settings.egress_networks),
            convert.host_addresses(trie.read_text(), six.read_text() if six.exists() else ""),
        )  # fmt: skip

    def _resolvers(self) -> tuple[str, ...]:
        files = (Path(path).read_text() for path in _RESOLV if Path(path).exists())
        return tuple(self._settings.egress_dns) or convert.resolvers(*files)


class WayOut:
    """One run's, from its start to its end; opened again when the proxy was away."""

    def __init__(self, egress: Egress, run_id: str, domains: tuple[str, ...], process: Callable[[], Any]) -> None:
        self._egress, self._run_id, self._domains, self._process = egress, run_id, domains, process
        self._settled = Event()  # it is open, or the first attempt has failed
        self._names: set[tuple[str, bool]] = set()
        self._keeper = gevent.spawn(self._keep)

    def await_first(self, timeout: float) -> None:
        """Until it is open, or there is no point in waiting: without it a run reaches nothing, but goes on."""
        self._settled.wait(timeout)

    def close(self) -> None:
        self._keeper.kill()

    def _keep(self) -> None:
        pause = RETRY_S[0]
        while True:
            begin = time.monotonic()
            try:
                self._open()
            except ProcessLookupError:  # the run has ended
                return
            except (EngineError, OSError) as error:
                log.warning("a run has no way out: %s", error, extra={"run_id": self._run_id})
            finally:
                self._settled.set()
            pause = RETRY_S[0] if time.monotonic() - begin > CALM_S else min(RETRY_S[1], 2 * pause)
            gevent.sleep(pause)

    def _open(self) -> None:
        """Opens it, and stays until it is closed."""
        with self._process() as pidfd, netns.listener(pidfd, PROXY_PORT) as listener:
            channel = self._egress.admit(listener, self._domains)
        with channel, OPEN.track_inprogress():
            self._settled.set()
            channel.settimeout(None)
            while packet := channel.recv(1 << 12):
                self._note(json.loads(packet))

    def _note(self, request: dict[str, Any]) -> None:
        host, allowed = str(request["host"]), bool(request["allowed"])
        REQUESTS.labels("allowed" if allowed else "denied").inc()
        if (host, allowed) not in self._names and len(self._names) < NAMES_LOGGED:
            self._names.add((host, allowed))
            facts = {"run_id": self._run_id, "host": host, "port": request["port"], "allowed": allowed}
            log.info("a run asked for the network", extra=facts)


for _result in ("allowed", "denied"):
    REQUESTS.labels(_result)
