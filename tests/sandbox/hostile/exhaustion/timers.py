"""Timers that ring as often as the kernel lets them, in every clock there is, and as many as it gives to one user.

ends: [succeeded, timeout]
request: {limits: {timeout_s: 20}}
in: [cold, warm, gvisor]
"""

import ctypes
import time

from hostile import contained, say

SIGEV_NONE, CLOCKS = 1, (0, 1, 7)  # real time, monotonic, since boot


class Event(ctypes.Structure):
    _fields_ = [
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_char * 48),
    ]


class Times(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")]


libc = ctypes.CDLL(None, use_errno=True)
timers = []
for number in range(30_000):
    timer = ctypes.c_void_p()
    event = Event(notify=SIGEV_NONE)
    if libc.timer_create(CLOCKS[number % len(CLOCKS)], ctypes.byref(event), ctypes.byref(timer)) != 0:
        break
    libc.timer_settime(timer, 0, ctypes.byref(Times(0, 1, 0, 1)), None)
    timers.append(timer)
contained("stopped at", len(timers))
end = time.monotonic() + 5
while time.monotonic() < end:
    for timer in timers[:1000]:
        libc.timer_gettime(timer, ctypes.byref(Times()))
say("rang")
