"""Variables with which no interpreter starts: then the program does not run, and that is told.

ends: [succeeded, exit 1]
request: {env: {PYTHONHOME: /nonexistent, PYTHONPLATLIBDIR: nowhere, PYTHONEXECUTABLE: /bin/true, PATH: "", HOME: /nonexistent, LANG: tlh, TMPDIR: /nonexistent}}
"""

print("ran")
