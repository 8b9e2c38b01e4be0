"""A dataset that is shown read-only: written by every way there is around `open`.

ends: succeeded
dataset: true
in: [cold, warm, gvisor]
"""

import ctypes
import mmap
import os

from hostile import DATA, attempt, syscall, verdict

AT_FDCWD, EMPTY_PATH, FIEMAP_OFF = -100, 0x1000, 0x40086602  # the last: FS_IOC_SETFLAGS
path = f"{DATA}/train.csv"
name = path.encode()
source = os.open(path, os.O_RDONLY)


def shared():
    view = mmap.mmap(source, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
    view[0] = 0x58


def reopened():
    with open(f"/proc/self/fd/{source}", "r+b", buffering=0) as again:
        again.write(b"X")


def copied_over():
    with open("own", "wb") as own:
        own.write(b"mine")
    os.replace("own", path)


attempt("opened to be written", os.open, path, os.O_WRONLY)
attempt("opened again by its descriptor", reopened)
attempt("mapped to be written", shared)
attempt("truncated", os.truncate, path, 0)
attempt("truncated by its descriptor", os.ftruncate, source, 0)
attempt("room made in it", os.posix_fallocate, source, 0, 1 << 20)
attempt("another mode", os.chmod, path, 0o777)
attempt("another owner", os.chown, path, os.getuid(), os.getgid())
attempt("another time", os.utime, path, (0, 0))
attempt("an attribute", os.setxattr, path, "user.mine", b"1")
attempt("flags", syscall, 16, source, FIEMAP_OFF, ctypes.create_string_buffer(b"\x10" + bytes(7)))
attempt("replaced", copied_over)
attempt("removed", os.unlink, path)
attempt("moved", os.rename, path, "/workspace/moved")
attempt("a second name", os.link, path, "/workspace/second")
attempt("a second name by its descriptor", syscall, 265, source, b"", AT_FDCWD, b"/workspace/third", EMPTY_PATH)
attempt("remounted", syscall, 165, name, name, 0, 0x1020, 0)
verdict(open(path, "rb").read() == b"a,b\n1,2\n", "its content")
