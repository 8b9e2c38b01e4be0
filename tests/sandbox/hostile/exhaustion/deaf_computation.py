"""A computation in C that never comes back to the interpreter, with every signal blocked.

ends: timeout
says: [computing]
request: {limits: {timeout_s: 2}}
"""

import math
import signal

from hostile import say

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
say("computing")
math.factorial(1 << 30)
