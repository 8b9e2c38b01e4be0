"""NUL and the other characters that nobody prints.

ends: succeeded
output: 'b"a\0b\0\0c\x01\x02\x7f\x80\x9b31m\n"'
"""

import os

os.write(1, b"a\0b\0\0c\x01\x02\x7f\x80\x9b31m\n")
