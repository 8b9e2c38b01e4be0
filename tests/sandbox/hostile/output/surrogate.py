"""A character that can't be written: the program's error, not the server's.

ends: exit 1
says: [UnicodeEncodeError]
"""

print(chr(0xD800))
