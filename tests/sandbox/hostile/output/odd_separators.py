"""All that some program or other takes for the end of a line.

ends: succeeded
output: '"a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n".encode()'
"""

import os

os.write(1, "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\n".encode())
