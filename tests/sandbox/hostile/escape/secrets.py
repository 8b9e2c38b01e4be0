"""Secrets of the platform, in the environment, the mounts and the files of the sandbox.

ends: succeeded
in: [cold, warm, gvisor]
"""

import os
import re

from hostile import say, verdict

WORDS = "SECRET|TOKEN|PASSW|JWT|AWS_|DATABASE|REDIS|DOCKER_|API_KEY|CREDENTIAL"
names = [name for name in os.environ if re.search(WORDS, name, re.IGNORECASE)]
verdict(not names, "names in the environment:", names)
mounts = open("/proc/self/mountinfo").read()
verdict("docker.sock" not in mounts, "the engine's socket")
for path in (
    "/run/secrets",
    "/root/.ssh",
    "/root/.aws",
    "/root/.docker",
    "/var/run/docker.sock",
    "/run/containerd",
    "/host",
    "/etc/byteme",
):
    verdict(not os.path.exists(path), path)
say(mounts)
