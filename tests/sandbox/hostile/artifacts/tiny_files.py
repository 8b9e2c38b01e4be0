"""As many tiny files as the disk takes.

ends: artifact_limit
request: {limits: {disk_mb: 32}}
"""

import os

from hostile import contained, why

os.chdir("outputs")
try:
    for number in range(100_000):
        os.close(os.open(f"{number}", os.O_CREAT | os.O_WRONLY))
except OSError as error:
    contained(why(error), "after", number)
