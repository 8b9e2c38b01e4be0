"""A million look-ups of names that are not there: the kernel remembers each, and it counts as the run's memory.

ends: succeeded
"""

import os

from hostile import contained

for number in range(300_000):
    os.path.lexists(f"/workspace/{number:0200d}")
contained("the run's own memory")
