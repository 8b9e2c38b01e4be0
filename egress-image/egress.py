"""PID 1 of the proxy's container: sets the firewall, starts squid, and then, without any privilege, relays to it.

The server hands over one listening socket for each run that may use the network, by way of a Unix socket that only root
on the host can open. The socket listens on 127.0.0.1 *inside that run's* network namespace, so whatever comes in by it
comes from that run, whatever it says. Towards squid each connection begins with a PROXY header that names an address of
the run's own, and squid asks back what that address may reach. Nothing else knows these addresses: one without an entry
reaches nothing.

From the server, by a connection of its own for each run, in packets: `{"domains"}` and the listening socket, answered
by `{"ok": true}`; or `{"status": true}`, answered by `{"runs": n}`. Then packets `{"host", "port", "allowed"}`, one for
each request of that run. When the connection ends, so do the listening socket and all that came in by it.
"""

import asyncio
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, suppress

import rules
from ask import ADDRESS

CONTROL = "/run/egress/control.sock"
SQUID_FOLDER = "/run/squid"
HERE = os.path.dirname(os.path.abspath(__file__))
MAX_MESSAGE = 1 << 20
MAX_CONNECTIONS = 64  # of one run at a time
PIECE = 1 << 16
ACCEPT_PAUSE_S = 0.01  # between connections of one run: nobody takes all of our time
READY_S = 20.0


class Grant:
    """What one run may reach. `address` is what squid knows it by."""

    def __init__(self, number, channel, listener, domains):
        self.address = str(ipaddress.IPv4Address((10 << 24) + number))
        self.channel, self.listener, self.domains = channel, listener, domains
        self.room = asyncio.Semaphore(MAX_CONNECTIONS)
        self.connections = set()

    def tell(self, **facts):
        """To the server; what it is too slow to take is lost."""
        with suppress(OSError):
            self.channel.send(json.dumps(facts).encode())

    def close(self):
        self.listener.close()
        self.channel.close()
        for connection in self.connections:
            connection.cancel()


class Relay:
    """All runs that may use the network now."""

    def __init__(self):
        self.grants = {}
        self.number = 0
        self.tasks = set()

    async def serve(self, control, asks, squid):
        """For ever; ends when squid does."""
        await listening(squid)
        self.begin(self.admit(control))
        server = await asyncio.start_unix_server(self.answer, sock=asks)
        async with server:
            while squid.poll() is None:
                await asyncio.sleep(0.2)
        return squid.returncode or 1

    def begin(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # runs

    async def admit(self, control):
        while True:
            channel, _ = await asyncio.get_running_loop().sock_accept(control)
            self.begin(self.attend(channel))

    async def attend(self, channel):
        """One connection of the server's, to its end."""
        channel.setblocking(False)
        with channel, suppress(OSError):
            await readable(channel)
            data, fds, _, _ = socket.recv_fds(channel, MAX_MESSAGE, 1)
            message = json.loads(data) if data else {}
            if not fds:
                channel.send(json.dumps({"runs": len(self.grants)}).encode())
                return
            await self.let_out(channel, socket.socket(fileno=fds[0]), message["domains"])

    async def let_out(self, channel, listener, domains):
        listener.setblocking(False)
        grant = Grant(self.next_number(), channel, listener, domains)
        self.grants[grant.address] = grant
        accepting = self.begin(self.accept(grant))
        try:
            grant.tell(ok=True)
            await readable(channel)  # nothing more is said: it is the end
        finally:
            del self.grants[grant.address]
            accepting.cancel()
            grant.close()

    def next_number(self):
        """One that is free, the longest unused first."""
        while True:
            self.number = self.number % 0xFFFFFE + 1
            if str(ipaddress.IPv4Address((10 << 24) + self.number)) not in self.grants:
                return self.number

    # their connections

    async def accept(self, grant):
        while True:
            await grant.room.acquire()
            connection, _ = await asyncio.get_running_loop().sock_accept(grant.listener)
            task = self.begin(self.carry(grant, connection))
            grant.connections.add(task)
            task.add_done_callback(grant.connections.discard)
            await asyncio.sleep(ACCEPT_PAUSE_S)

    async def carry(self, grant, connection):
        """One connection, to squid and back, until squid is done with it."""
        try:
            near_reader, near = await asyncio.open_connection(sock=connection)
            try:
                far_reader, far = await asyncio.open_connection("127.0.0.1", rules.SQUID_PORT)
                far.write(f"PROXY TCP4 {grant.address} 127.0.0.1 1 {rules.SQUID_PORT}\r\n".encode())
                upward = self.begin(pump(near_reader, far))
                try:
                    await pump(far_reader, near)
                finally:
                    upward.cancel()
                    far.close()
            finally:
                near.close()
        except OSError:
            connection.close()
        finally:
            grant.room.release()

    # squid's questions

    async def answer(self, reader, writer):
        """One line a question: its number, the run's address, host, port, and what squid adds of its own."""
        with closing(writer):  # whatever is wrong: without an answer squid would wait, without us it says no
            while line := await reader.readline():
                number, address, host, port, *_ = line.decode("ascii", "replace").split()
                verdict = "OK" if self.is_allowed(address, host, port) else "ERR"
                writer.write(f"{number} {verdict}\n".encode())

    def is_allowed(self, address, host, port):
        grant = self.grants.get(address)
        if grant is None:
            return False
        allowed = rules.is_allowed(host.lower(), grant.domains)
        grant.tell(host=host[: rules.MAX_NAME], port=port[:5], allowed=allowed)
        return allowed


async def pump(reader, writer):
    """Until the end of `reader`, which is passed on."""
    with suppress(OSError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def readable(sock):
    loop, ready = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
    loop.add_reader(sock, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(sock)


async def listening(squid):
    """Until squid takes connections, or is gone."""
    async with asyncio.timeout(READY_S):
        while squid.poll() is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", rules.SQUID_PORT)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def control_socket():
    """Where the server, root as we are now, finds us; nobody else may."""
    with suppress(FileNotFoundError):
        os.unlink(CONTROL)
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    os.umask(0o177)
    control.bind(CONTROL)
    os.umask(0o022)
    control.listen(128)
    control.setblocking(False)
    return control


def asks_socket():
    asks = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    asks.bind(ADDRESS)
    asks.listen(8)
    asks.setblocking(False)
    return asks


def start_squid(config):
    path = f"{SQUID_FOLDER}/squid.conf"
    with open(path, "w") as file:
        file.write(rules.squid_conf(config, f"{sys.executable} -I {HERE}/ask.py"))
    uid = rules.SQUID_UID
    return subprocess.Popen(["squid", "-N", "-f", path], user=uid, group=uid, extra_groups=[], cwd=SQUID_FOLDER)


def drop_privileges():
    os.setgroups([])
    os.setresgid(rules.RELAY_UID, rules.RELAY_UID, rules.RELAY_UID)
    os.setresuid(rules.RELAY_UID, rules.RELAY_UID, rules.RELAY_UID)


def main():
    config = json.loads(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    subprocess.run(["nft", "-f", "-"], input=rules.firewall(config).encode(), check=True)
    control, asks = control_socket(), asks_socket()
    squid = start_squid(config)
    drop_privileges()
    return asyncio.run(Relay().serve(control, asks, squid))


if __name__ == "__main__":
    sys.exit(main())
