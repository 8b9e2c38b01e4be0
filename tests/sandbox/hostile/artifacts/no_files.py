"""Pipes, sockets and devices, which would block whoever reads them.

ends: succeeded
artifacts: [good.txt]
skipped: [socket]
"""

import os
import socket
import stat

from hostile import attempt

os.chdir("outputs")
open("good.txt", "w").write("good")
attempt("a pipe", os.mkfifo, "pipe")
attempt("a device", os.mknod, "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
attempt("a disk", os.mknod, "disk", stat.S_IFBLK | 0o666, os.makedev(254, 0))
socket.socket(socket.AF_UNIX).bind("socket")
