"""One process that only counts, for a while.

ends: succeeded
"""

import time

begin = time.monotonic()
while time.monotonic() - begin < 3:
    pass
