"""A full disk, and a program that takes it well.

ends: succeeded
says: [after]
in: [cold, warm, gvisor]
"""

from hostile import fill, verdict

verdict(fill("/workspace/fill", 4096) <= 72, "the disk is hardly larger than asked for")
