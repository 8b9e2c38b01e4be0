"""The stream replaced by a folder, then by a socket, then by a file with another's name.

ends: succeeded
"""

import os
import socket
import time

from hostile import STREAM, attempt

os.rename(STREAM, STREAM + ".old")
os.mkdir(STREAM)
time.sleep(1)
os.rmdir(STREAM)
attempt("a pipe", os.mkfifo, STREAM)
socket.socket(socket.AF_UNIX).bind(STREAM)
time.sleep(1)
os.unlink(STREAM)
os.link(STREAM + ".old", STREAM)
os.link(STREAM + ".old", STREAM + ".again")
print("CONTAINED: nothing was hurt")
