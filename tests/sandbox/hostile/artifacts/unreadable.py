"""Files and folders that nobody may read.

ends: succeeded
artifacts: [closed, inside/file]
"""

import os

os.chdir("outputs")
open("closed", "w").write("x")
os.mkdir("inside")
open("inside/file", "w").write("x")
os.chmod("closed", 0)
os.chmod("inside", 0)
os.chmod(".", 0)
