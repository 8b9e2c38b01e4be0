"""`python -m server.preview OPTIONS < FILE` writes what FILE holds, as JSON."""

import codecs
import heapq  # noqa: F401  # collections imports it late, when nothing can be imported any more
import json
import os
import resource
import sys
from typing import BinaryIO

from server.preview.kinds import look
from server.preview.options import ENCODINGS, Options

MEMORY = 1 << 30
CPU_S = 10
NOBODY = 65534


def confine() -> None:
    """From here on it has little memory and time, and opens no file, socket or process: it holds its descriptors, and
    may have no more. Everything that is to be imported has been."""
    for encoding in (*ENCODINGS, "utf-8-sig", "cp437"):
        codecs.lookup(encoding)
    limits = {
        resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 3, resource.RLIMIT_NPROC: 0,
    }  # fmt: skip
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    for name, most in limits.items():
        resource.setrlimit(name, (most, most))


def main(options: Options, file: BinaryIO) -> None:
    confine()
    json.dump(look(file, options), sys.stdout)


if __name__ == "__main__":
    main(Options(**json.loads(sys.argv[1])), sys.stdin.buffer)
