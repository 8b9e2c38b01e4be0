"""Names that are commands, markup, headers, other systems' devices, or another name in disguise.

ends: succeeded
"""

import os

os.chdir(b"outputs")
NAMES = [
    b"a\nb",
    b"a\r\nSet-Cookie: x=1",
    b'q"; filename="evil.exe',
    b"semi;colon",
    b"per%2e%2e%2fcent",
    b"%00.png",
    b"..\\..\\win",
    b"...",
    b"-rf",
    b".hidden",
    b" lead",
    b"trail ",
    b"trail.",
    b"CON",
    b"nul.txt",
    b"c:drive",
    b"tab\tx",
    b"\x1b[31mred",
    b"\x01\x02",
    b"\xff\xfe\xfd",
    "\u202egpj.exe".encode(),
    "e\u0301.txt".encode(),
    "\u00e9.txt".encode(),
    "\U0001f600.png".encode(),
    b"<img src=x onerror=alert(1)>",
    b"'; DROP TABLE runs;--",
    b"$(id)",
    b"`id`",
    b"{{7*7}}",
    b"~root",
    b"*",
    b"?",
    b"|x",
    b"&x",
    b"#frag",
    b"x?y=z",
    b"L" * 255,
    "\u4e2d".encode() * 85,
    b"UPPER",
    b"upper",
    b"index.html",
    b"=cmd|'calc'!A0",
]
for number, name in enumerate(NAMES):
    open(name, "w").write(str(number))
