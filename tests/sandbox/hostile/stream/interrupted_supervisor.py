"""An interrupt to the supervisor.

ends: [succeeded, exit 137, exit 130, exit 1]
"""

import os
import signal
import time

os.kill(1, signal.SIGINT)
time.sleep(2)
