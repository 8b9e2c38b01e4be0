"""The stream's own file system filled up: the supervisor is not heard any more, and the time limit ends the run.

ends: timeout
in: [cold, warm, gvisor]
request: {limits: {timeout_s: 4}}
"""

from hostile import fill, say

fill("/run/byteme/fill", 100)
say("x" * 100_000)
