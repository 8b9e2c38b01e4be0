"""The kernel's other doors: the 32-bit table by int 0x80, and the x32 numbers. The same filter stands behind both.

ends: succeeded
"""

import ctypes
import errno
import mmap
import os
import struct

from hostile import contained, denied, verdict


def call_32(number, argument):
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\x53\xb8" + struct.pack("I", number) + b"\xbb" + struct.pack("I", argument) + b"\xcd\x80\x5b\xc3")
    return ctypes.CFUNCTYPE(ctypes.c_int32)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


for name, number, argument in (
    ("keyctl", 288, 0),
    ("unshare", 310, 0x10000000),
    ("bpf", 357, 0),
    ("userfaultfd", 374, 0),
    ("io_uring_setup", 425, 1),
    ("socketcall", 102, 99),
):
    child = os.fork()
    if child == 0:
        result = call_32(number, argument)
        verdict(result < 0, name, errno.errorcode.get(-result, result))
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:
        contained(name, "was ended by signal", -status)
child = os.fork()
if child == 0:
    denied("x32 getpid", 0x40000000 | 39)
    os._exit(0)
os.waitpid(child, 0)
contained("done")
