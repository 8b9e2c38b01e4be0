"""Shared memory and semaphores under names that others use too.

ends: succeeded
"""

import ctypes
import os
import time

from hostile import syscall, verdict

key = 0x42594D45
segment = syscall(29, key, 4096, 0o1666)
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
memory = (ctypes.c_char * 8).from_address(libc.shmat(segment, None, 0))
verdict(memory.value == b"", "a segment under the same key holds", memory.value)
memory.value = b"mine"
verdict(not os.path.exists("/dev/shm/hostile"), "a file under the same name")
open("/dev/shm/hostile", "w").write("mine")
time.sleep(4)
