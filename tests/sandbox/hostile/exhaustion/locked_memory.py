"""Memory that can't be taken back: locked pages, System V segments, message queues, secret memory.

ends: succeeded
"""

import ctypes
import mmap

from hostile import MIB, attempt, denied, syscall

area = mmap.mmap(-1, 8 * MIB)
address = ctypes.addressof(ctypes.c_char.from_buffer(area))
attempt("lock 8 MiB", syscall, 149, ctypes.c_void_p(address), 8 * MIB)
attempt("a message queue", syscall, 240, b"queue", 0o102, 0o600, 0)
denied("secret memory", 447, 0)
denied("huge pages moved", 256, 0, 1, 0, 0)
