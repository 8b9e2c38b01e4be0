"""Loop devices and mounts by system call: a command for each would cost more than the work (loop(4), mount(2))."""

import ctypes
import errno
import fcntl
import os
import struct
from pathlib import Path

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, NOSYMFOLLOW, NOATIME, BIND = 1, 2, 4, 8, 32, 256, 1024, 4096
PRIVATE, SHARED = 1 << 18, 1 << 20
DETACH, NOFOLLOW = 2, 8
_CONFIGURE, _GET_FREE = 0x4C0A, 0x4C82  # the former since Linux 5.8: one call, and no pause of the device's queue
_AUTOCLEAR = 4
_BLOCK = 4096
# struct loop_config: descriptor, block size; struct loop_info64, of which only the flags matter here; reserved
_CONFIG = struct.Struct("=2I 52x I 176x 64x")
_ATTEMPTS = 50
_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    """mount(2). Raises OSError."""
    arguments = (source.encode(), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode())
    if _libc.mount(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


def unmount(target: Path) -> bool:
    """Takes the topmost mount off `target`, now or when it is no longer busy; False when there is none."""
    return bool(_libc.umount2(os.fsencode(target), DETACH | NOFOLLOW) == 0)


def mount_image(image: Path, target: Path, kind: str, flags: int, options: str = "") -> None:
    """Mounts the file system in a file, by a loop device that goes with the mount. Raises OSError."""
    fd = os.open(image, os.O_RDWR | os.O_CLOEXEC)
    try:
        device, name = _attach(fd)
    finally:
        os.close(fd)
    try:
        mount(name, target, kind, flags, options)
    finally:
        os.close(device)  # the mount keeps it; without one, autoclear frees it


def _attach(image: int) -> tuple[int, str]:
    """A loop device on the open `image`, and its name. Others may take the free one first: then the next."""
    with open("/dev/loop-control", "rb") as control:
        for _ in range(_ATTEMPTS):
            name = f"/dev/loop{fcntl.ioctl(control, _GET_FREE)}"
            device = os.open(name, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.ioctl(device, _CONFIGURE, bytearray(_CONFIG.pack(image, _BLOCK, _AUTOCLEAR)))
                return device, name
            except OSError as error:
                os.close(device)
                if error.errno != errno.EBUSY:
                    raise
    raise OSError(errno.EBUSY, "no free loop device")
