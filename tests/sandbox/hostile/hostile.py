"""The words that hostile programs speak, and their way to the kernel. It is submitted beside each of them.

`CONTAINED` says that something was refused, `BREACH` that something happened which must never happen: then the test
fails whatever else is true. Every program ends by itself at some bound, so that even a sandbox that holds nothing
survives it.
"""

import ctypes
import errno
import os
import socket
import struct
import time

WORKSPACE, OUTPUTS, DATA = "/workspace", "/workspace/outputs", "/workspace/data"
STREAM = "/run/byteme/stream"
EVENTS = "\0byteme-events"
MIB = 1 << 20
REFUSALS = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EROFS, errno.EAFNOSUPPORT}
_libc = ctypes.CDLL(None, use_errno=True)


def say(*words):
    print(*words, flush=True)


def contained(*words):
    say("CONTAINED:", *words)


def breach(*words):
    say("BREACH:", *words)


def verdict(is_contained, *words):
    (contained if is_contained else breach)(*words)


def why(error):
    """An error in a word: ENOSPC."""
    return errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)


def attempt(what, action, *arguments):
    """Does what must fail."""
    try:
        result = action(*arguments)
    except (OSError, ValueError, MemoryError, RuntimeError) as error:
        contained(what, why(error))
    else:
        breach(what, "worked:", result)


def syscall(number, *arguments):
    """A system call by its number on x86-64. Raises OSError."""
    result = _libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def denied(what, number, *arguments):
    """A system call that must not even reach the kernel's own checks."""
    try:
        result = syscall(number, *arguments)
    except OSError as error:
        verdict(error.errno in REFUSALS, what, why(error))
    else:
        breach(what, "returned", result)


def frame(kind, payload, length=None):
    """A frame as the supervisor writes them."""
    return struct.pack(">2sBxQI", b"\xb7M", kind, time.time_ns(), len(payload) if length is None else length) + payload


def event(header, body=b""):
    """A message as the `byteme` module sends them."""
    return struct.pack(">II", len(header), len(body)) + header + body


def dial():
    """A connection to the supervisor's socket for events."""
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(EVENTS)
    peer.settimeout(10)
    return peer


def fill(path, megabytes):
    """Writes so many MiB, or until there is no room; how many there was room for."""
    with open(path, "wb", buffering=0) as file:
        for done in range(megabytes):
            try:
                file.write(b"\1" * MIB)
            except OSError as error:
                contained(path, why(error), "after", done, "MiB")
                return done
    return megabytes
