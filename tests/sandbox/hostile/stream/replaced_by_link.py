"""The stream replaced by a link to what a program may not read, before anybody has read it.

ends: succeeded
in: [cold, warm, gvisor]
"""

import os

from hostile import STREAM

os.unlink(STREAM)
os.symlink("/etc/shadow", STREAM)
