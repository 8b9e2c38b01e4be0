"""A full /tmp, which is on the same capped disk.

ends: disk_limit
"""

from hostile import fill, verdict

verdict(fill("/tmp/fill", 4096) <= 72, "the disk is hardly larger than asked for")
raise SystemExit(1)
