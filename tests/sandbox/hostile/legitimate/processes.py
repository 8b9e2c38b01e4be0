"""Processes that work together: pools, locks, shared memory, a manager.

ends: succeeded
says: ["[1, 4, 9]", "{'a': 1}"]
in: [cold, warm, gvisor]
"""

import multiprocessing
from multiprocessing.shared_memory import SharedMemory


def square(x):
    return x * x


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print(pool.map(square, [1, 2, 3]))
    with multiprocessing.Lock():
        pass
    memory = SharedMemory(create=True, size=1 << 20)
    memory.close()
    memory.unlink()
    with multiprocessing.Manager() as manager:
        print(dict(manager.dict(a=1)))
