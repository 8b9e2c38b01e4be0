"""Commands to a terminal: clear, title, a link with a script, the clipboard, reports that would be typed.

ends: succeeded
output: 'b"\x1b[2J\x1b]0;owned\x07\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07\x1b]52;c;cm0=\x07\x1b[6n\x1bc\n"'
"""

import os

os.write(1, b"\x1b[2J\x1b]0;owned\x07\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07\x1b]52;c;cm0=\x07\x1b[6n\x1bc\n")
