"""Each value that would make another process die first when memory runs out.

ends: succeeded
"""

import os

from hostile import say, verdict, why

score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
for value in (b"-1000", b"-999", b"-500", b"-1", b"0"):
    try:
        os.write(score, value)
        say(value.decode(), "accepted")
        break
    except OSError as error:
        say(value.decode(), why(error))
now = int(open("/proc/self/oom_score_adj").read())
verdict(now >= 0, "oom_score_adj is", now)
