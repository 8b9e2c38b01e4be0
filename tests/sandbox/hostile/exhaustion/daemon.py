"""A daemon keeps the streams open and beats on after the program's end, which is the end of both.

ends: succeeded
says: [the program is done]
in: [cold, warm, gvisor]
"""

import os
import signal
import time

from hostile import say

read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        os.write(write, b"x")
        for beat in range(600):
            say("beat", beat)
            time.sleep(0.2)
    os._exit(0)
os.read(read, 1)
say("the program is done")
