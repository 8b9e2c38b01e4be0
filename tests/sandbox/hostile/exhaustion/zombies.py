"""Children that end and are never reaped.

ends: succeeded
"""

import os

from hostile import breach, contained, why

made = 0
try:
    while made < 3000:
        if os.fork() == 0:
            os._exit(0)
        made += 1
    breach("3000 zombies")
except OSError as error:
    contained(why(error), "after", made)
