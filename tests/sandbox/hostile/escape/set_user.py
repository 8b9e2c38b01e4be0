"""Programs that run as their owner, and every other way to be somebody else.

ends: succeeded
in: [cold, warm, gvisor]
"""

import os
import shutil
import stat
import subprocess

from hostile import attempt, say, verdict

found = []
for folder, folders, names in os.walk("/", onerror=lambda _: None):
    if folder.startswith(("/proc", "/sys")):
        folders[:] = []
        continue
    for name in names:
        info = os.lstat(f"{folder}/{name}")
        if stat.S_ISREG(info.st_mode) and info.st_mode & (stat.S_ISUID | stat.S_ISGID):
            found.append(f"{folder}/{name}")
say("programs that run as their owner:", found)
if su := shutil.which("su"):
    said = subprocess.run([su, "-c", "id"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    verdict("uid=0" not in said.stdout, "su", said.returncode)
attempt("setuid", os.setuid, 0)
attempt("setgid", os.setgid, 0)
attempt("setgroups", os.setgroups, [0])
attempt("another user", os.setresuid, 1000, 1000, 1000)
shutil.copy("/bin/sh", "sh")
attempt("a copy of root's", os.chown, "sh", 0, 0)
os.chmod("sh", 0o6755)
said = subprocess.run(["./sh", "-c", "id -u"], capture_output=True, text=True)
verdict(said.stdout.strip() == str(os.getuid()), "a set-user-id copy of one's own:", said.stdout)
