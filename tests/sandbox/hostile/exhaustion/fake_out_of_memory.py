"""The exit code of a process that the kernel killed for memory, of the program's own will.

ends: exit 137
"""

raise SystemExit(137)
