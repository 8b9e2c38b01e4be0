"""A higher priority than others have, in every way there is.

ends: succeeded
"""

import os

from hostile import attempt, syscall

attempt("real time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(50))
attempt("round robin", os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(1))
attempt("nice -10", os.nice, -10)
attempt("real-time disk access", syscall, 251, 1, 0, 1 << 13)
