"""All the memory there is, after asking to be killed last.

ends: out_of_memory
"""

import os

from hostile import MIB, attempt, breach

attempt("to be killed last", os.write, os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000")
kept = []
for _ in range(128):
    kept.append(bytearray(b"x") * (64 * MIB))
breach("8 GiB allocated")
