"""The kernel's keys, which it counts by user.

ends: succeeded
"""

from hostile import denied

denied("add_key", 248, b"user", b"mine", b"x", 1, -2)
denied("keyctl", 250, 0, -3, 0)
denied("request_key", 249, b"user", b"mine", 0, 0)
