"""The folder of outputs replaced by something else, while the program may.

ends: succeeded
in: [cold, warm, gvisor]
artifacts: []
"""

import os
import shutil

from hostile import OUTPUTS, attempt

open("outputs/file", "w").write("x")
shutil.rmtree(OUTPUTS, ignore_errors=True)
attempt("moved", os.rename, OUTPUTS, "/workspace/other")
attempt("a link in its place", os.symlink, "/etc", OUTPUTS)
attempt("a pipe in its place", os.mkfifo, OUTPUTS)
attempt("another folder in its place", os.mkdir, OUTPUTS)
os.mkdir("/workspace/mine")
attempt("exchanged", os.rename, "/workspace/mine", OUTPUTS)
