"""Files that change their size and kind until the very end, which a daemon does not wait for.

ends: succeeded
"""

import os
import time

os.chdir("outputs")
open("good.txt", "w").write("good")
if os.fork() == 0:
    os.setsid()
    turn = 0
    while True:
        turn += 1
        try:
            os.unlink("flip")
        except OSError:
            pass
        try:
            os.symlink("/etc/passwd", "flip") if turn % 2 else open("flip", "wb").write(b"F" * (turn % 100_000))
        except OSError:
            pass
with open("grow", "ab", buffering=0) as file:
    until = time.monotonic() + 2
    while time.monotonic() < until:
        file.write(b"g" * 4096) if file.tell() < (8 << 20) else file.truncate(0)
os._exit(0)
