"""Attributes that mean something to the kernel: capabilities, labels, access lists.

ends: succeeded
artifacts: [good.txt]
"""

import os

from hostile import attempt

os.chdir("outputs")
open("good.txt", "w").write("good")
for name in ("security.capability", "security.mine", "trusted.overlay.opaque"):
    attempt(name, os.setxattr, "good.txt", name, b"\1\0\0\2" + bytes(16))
