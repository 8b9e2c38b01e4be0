"""Names in the stream's folder, as many as it takes.

ends: succeeded
"""

import os

from hostile import breach, contained, why

try:
    for number in range(10_000):
        os.mkdir(f"/run/byteme/{number}")
    breach("10000 folders")
except OSError as error:
    contained(why(error), "after", number)
