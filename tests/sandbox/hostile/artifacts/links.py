"""Links to the host's files, to others' and to nowhere.

ends: succeeded
in: [cold, warm, gvisor]
artifacts: [good.txt, real/sub/x]
skipped: [shadow, environ, socket, up, root, here, folder, alias, a, b, self]
"""

import os

os.chdir("outputs")
open("good.txt", "w").write("good")
os.makedirs("real/sub")
open("real/sub/x", "w").write("1")
LINKS = {
    "shadow": "/etc/shadow",
    "environ": "/proc/self/environ",
    "socket": "/var/run/docker.sock",
    "up": "../../../../etc/passwd",
    "root": "/",
    "here": ".",
    "folder": "/etc",
    "alias": "real",
    "a": "b",
    "b": "a",
    "self": "self",
}
for name, target in LINKS.items():
    os.symlink(target, name)
