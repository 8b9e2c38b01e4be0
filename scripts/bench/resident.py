"""Runs inside a container: starts each program named on standard input as a plain process, and says how long it took.

This is the floor: no container to make, no network, nobody between the program and the clock.
"""

import json
import subprocess
import sys
import time

for line in sys.stdin:
    begin = time.perf_counter()
    with subprocess.Popen([sys.executable, "-u", line.strip()], stdout=subprocess.PIPE) as process:
        output = process.stdout.read(1)
        first = time.perf_counter() - begin
        output += process.stdout.read()
    end = time.perf_counter() - begin
    answer = {"first": first, "end": end, "output": output.decode(), "exit_code": process.returncode}
    print(json.dumps(answer), flush=True)
