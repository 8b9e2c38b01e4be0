"""The run's disk from below: its ballast, its other folders, and links between its mounts.

ends: succeeded
in: [cold, warm, gvisor]
"""

import os

from hostile import OUTPUTS, attempt, verdict

for top in ("/workspace/..", "/tmp/..", "/workspace/outputs/../..", "/workspace/data/../.."):
    names = set(os.listdir(top))
    verdict(not names & {"ballast", "disk.img", "control", "run.json"}, top, sorted(names)[:4])
open("own", "w").write("x")
attempt("a link over the mounts", os.link, "own", f"{OUTPUTS}/own")
attempt("a move over the mounts", os.rename, "own", "/tmp/own")
attempt("the outputs moved", os.rename, OUTPUTS, "/workspace/other")
attempt("the outputs removed", os.rmdir, OUTPUTS)
attempt("the workspace moved", os.rename, "/workspace", "/tmp/w")
free = os.statvfs("/workspace")
verdict(
    free.f_blocks * free.f_frsize >= free.f_bavail * free.f_frsize <= 72 << 20, "free:", free.f_bavail * free.f_frsize
)
