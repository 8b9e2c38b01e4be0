"""Thousands of orphans, one after the other: somebody must reap them, or the limit of processes is used up.

ends: succeeded
says: [all of them]
"""

import os

from hostile import say

for _ in range(1000):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os._exit(0)
        os._exit(0)
    os.waitpid(child, 0)
say("all of them")
