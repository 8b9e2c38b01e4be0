"""Code made while the program runs, as compilers and foreign functions make it.

ends: succeeded
says: ["42"]
in: [cold, warm, gvisor]
"""

import ctypes

print(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1)(41))
