"""A socket in another network namespace: where it listens, and that we ourselves are where we were."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from server.engine import netns

# Tells its number, then whether it can be reached by whoever connects inside: what it reads from there is what it says.
INSIDE = """
import os, socket, sys
print(os.stat('/proc/self/ns/net').st_ino, flush=True)
sys.stdin.readline()
with socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10) as near: print(near.recv(9).decode(), flush=True)
"""
PORT = 3128


@pytest.fixture
def elsewhere() -> Iterator[subprocess.Popen[str]]:
    """A process in a network namespace of its own."""
    up = "import fcntl, socket, struct; s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 1 | 64));"
    process = subprocess.Popen(
        ["unshare", "--net", sys.executable, "-c", up + INSIDE, str(PORT)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def our_namespace() -> int:
    return os.stat("/proc/thread-self/ns/net").st_ino


def test_it_listens_there_and_we_stay_here(elsewhere: subprocess.Popen[str]) -> None:
    assert elsewhere.stdin is not None
    assert elsewhere.stdout is not None
    before = our_namespace()
    assert int(elsewhere.stdout.readline()) != before
    pidfd = os.pidfd_open(elsewhere.pid)
    with netns.listener(pidfd, PORT) as listener:
        assert our_namespace() == before
        with pytest.raises(OSError):
            socket.create_connection(listener.getsockname(), 1)
        elsewhere.stdin.write("\n")
        elsewhere.stdin.flush()
        with closing(listener.accept()[0]) as connection:
            connection.sendall(b"from here")
        assert elsewhere.stdout.readline() == "from here\n"
        with pytest.raises(OSError):  # the address is taken
            netns.listener(pidfd, PORT)
    os.close(pidfd)
    assert our_namespace() == before


def test_where_there_is_no_process_nothing_changes() -> None:
    before, read = our_namespace(), os.open("/dev/null", os.O_RDONLY)
    with pytest.raises(OSError):
        netns.listener(read, PORT)
    os.close(read)
    assert our_namespace() == before
