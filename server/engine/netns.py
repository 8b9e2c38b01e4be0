"""A socket inside a container's network, served from outside (setns(2), network_namespaces(7))."""

import _socket
import ctypes
import os
import socket

_NEWNET = 0x40000000  # CLONE_NEWNET
_libc = ctypes.CDLL(None, use_errno=True)


def listener(pidfd: int, port: int, backlog: int = 64) -> socket.socket:
    """Listens on 127.0.0.1:`port` in the network namespace of that process. Raises OSError.

    A socket stays in the namespace it was made in; this thread is back in its own before anything else happens, and
    nothing in between lets another greenlet run.
    """
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(pidfd)
        try:
            inside = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
        finally:
            _return(home)
    finally:
        os.close(home)
    made = socket.socket(fileno=inside.detach())
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        made.listen(backlog)
    except OSError:
        made.close()
        raise
    return made


def _return(home: int) -> None:
    """Back, or not at all: no server goes on in a tenant's network."""
    try:
        _enter(home)
    except OSError:
        os.abort()


def _enter(fd: int) -> None:
    if _libc.setns(fd, _NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
