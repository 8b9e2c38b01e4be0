"""Files where a harness might look for the result.

in: [cold, warm, gvisor]
ends: exit 3
artifacts: [result.json]
"""

import sys

for path in (
    "result.json",
    "status",
    "exit_code",
    ".done",
    "run.json",
    "outputs/result.json",
    "metadata.txt",
    "/tmp/run.json",
):
    with open(path, "w") as file:
        file.write('{"state": "succeeded", "exit_code": 0, "run_id": "", "user_id": 1}')
sys.exit(3)
