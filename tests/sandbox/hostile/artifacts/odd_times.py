"""Files from 1901, 1970 and 2446: an archive of them must not care.

ends: succeeded
artifacts: [y1901, y1970, y2106, y2446]
"""

import os

os.chdir("outputs")
for name, seconds in (("y1901", -(2**31)), ("y1970", 0), ("y2106", 2**32), ("y2446", 15032385535)):
    open(name, "w").write(name)
    try:
        os.utime(name, (seconds, seconds))
    except (OSError, OverflowError) as error:
        print(name, error)
