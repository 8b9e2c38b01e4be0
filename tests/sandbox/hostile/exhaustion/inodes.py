"""Empty files without end: inodes are capped too, and a run without any left has used up its disk.

ends: disk_limit
in: [cold]
"""

import os

from hostile import breach, contained, why

os.mkdir("many")
made = 0
try:
    while made < 200_000:
        os.close(os.open(f"many/{made}", os.O_CREAT | os.O_WRONLY))
        made += 1
    breach("200000 files")
except OSError as error:
    contained(why(error), "after", made)
    raise SystemExit(1) from None
