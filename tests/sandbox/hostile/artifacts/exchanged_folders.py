"""A folder and a link to a folder of the image that change places without end, also while the program ends.

ends: succeeded
never: [passwd, shadow, hostname]
"""

import os
import signal
import time

from hostile import OUTPUTS, syscall

AT_FDCWD, EXCHANGE = -100, 2
os.chdir(OUTPUTS)
open("good", "w").write("good")
os.mkdir("folder")
open("folder/inside", "w").write("inside")
os.symlink("/etc", "link")
if os.fork() == 0:
    os.setsid()
    for ignored in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(ignored, signal.SIG_IGN)
    until = time.time() + 20
    while time.time() < until:
        syscall(316, AT_FDCWD, b"folder", AT_FDCWD, b"link", EXCHANGE)
    os._exit(0)
time.sleep(1)
