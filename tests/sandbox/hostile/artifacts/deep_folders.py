"""Folders in folders, deeper than any path may be long.

ends: succeeded
artifacts: [good.txt]
"""

import os

os.chdir("outputs")
open("good.txt", "w").write("good")
for top, name, depth in (("short", "d", 900), ("long", "n" * 200, 40)):
    os.mkdir(top)
    here = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
