"""Programs written to each place and run from there: no boundary, but it must change nothing else.

ends: succeeded
says: [from memory]
"""

import os
import shutil
import subprocess

from hostile import say, why

for folder in ("/tmp", "/dev/shm", "/workspace", "/workspace/outputs"):
    try:
        shutil.copy("/bin/true", f"{folder}/true")
        say(folder, subprocess.call([f"{folder}/true"]))
    except OSError as error:
        say(folder, why(error))
file = os.memfd_create("true")
os.write(file, open("/bin/true", "rb").read())
say("from memory", subprocess.call([f"/proc/self/fd/{file}"], pass_fds=[file]))
