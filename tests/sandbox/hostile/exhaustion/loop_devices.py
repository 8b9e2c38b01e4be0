"""The host's loop devices, device mapper and disks: not to be had.

ends: succeeded
"""

import os

from hostile import attempt

for path in (
    "/dev/loop-control",
    "/dev/loop0",
    "/dev/mapper/control",
    "/dev/vda",
    "/dev/sda",
    "/dev/kvm",
    "/dev/fuse",
    "/dev/net/tun",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/port",
    "/dev/vsock",
    "/dev/vhost-vsock",
):
    attempt(path, os.open, path, os.O_RDONLY)
