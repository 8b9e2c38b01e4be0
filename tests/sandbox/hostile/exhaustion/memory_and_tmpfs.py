"""Memory in all its places, so that each is within its own bound: what is in /dev/shm counts too.

ends: out_of_memory
in: [cold, warm, gvisor]
"""

from hostile import MIB, breach, fill

had = sum(fill(f"{folder}/fill", 2048) for folder in ("/dev/shm", "/tmp", "/workspace"))
kept = []
while had < 8192:
    kept.append(bytearray(b"x") * (16 * MIB))
    had += 16
breach(had, "MiB in all")
