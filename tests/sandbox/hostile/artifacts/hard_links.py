"""Thousands of names for one file, which cost no room on the disk.

ends: artifact_limit
"""

import os

os.chdir("outputs")
open("file", "wb").write(bytes(1000))
for number in range(3000):
    os.link("file", f"{number:04d}")
