"""Recursion without end, in Python and on the stack of C.

ends: succeeded
"""

import os
import sys

from hostile import contained, say

if os.fork() == 0:
    sys.setrecursionlimit(10**9)

    def deeper():
        return [deeper() for _ in (1,)]

    deeper()
say("the child's end:", os.waitstatus_to_exitcode(os.wait()[1]))
contained("its parent lives")
