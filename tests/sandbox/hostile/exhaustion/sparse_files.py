"""Files that claim to be larger than any disk.

ends: succeeded
artifacts: []
"""

import os

from hostile import OUTPUTS, attempt

for size in (10 << 30, 1 << 40, 1 << 62):
    file = os.open(f"{OUTPUTS}/sparse", os.O_CREAT | os.O_WRONLY)
    attempt(f"{size} bytes of nothing", os.truncate, file, size)
    attempt("as many reserved", os.posix_fallocate, file, 0, size)
    os.close(file)
os.unlink(f"{OUTPUTS}/sparse")
