"""Waits for input that nobody types.

ends: succeeded
says: [end of input]
in: [cold, warm, gvisor]
request: {limits: {timeout_s: 20}}
"""

from hostile import breach, say

try:
    input()
    breach("somebody typed")
except EOFError:
    say("end of input")
