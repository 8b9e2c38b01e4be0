"""Shared memory, semaphores and messages of System V: no file, no process, and there until somebody removes them.

ends: [succeeded, out_of_memory]
"""

import ctypes

from hostile import MIB, breach, contained, syscall, why

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
IPC_PRIVATE, CREATE = 0, 0o1666
HELD = "held, and gone with the sandbox"


def as_many_as_possible(what, number, *arguments, most):
    for made in range(most):
        try:
            syscall(number, *arguments)
        except OSError as error:
            contained(what, why(error), "after", made)
            return
    contained(most, what, HELD)


as_many_as_possible("sets of semaphores", 64, IPC_PRIVATE, 250, CREATE, most=1000)
as_many_as_possible("queues of messages", 68, IPC_PRIVATE, CREATE, most=1000)
for number in range(40):
    try:
        segment = syscall(29, IPC_PRIVATE, 16 * MIB, CREATE)
    except OSError as error:
        contained("segments", why(error), "after", number)
        break
    ctypes.memset(libc.shmat(segment, None, 0), 1, 16 * MIB)
else:
    breach("640 MiB of shared memory, more than twice the limit")
