"""An entry point whose name means the standard input.

ends: succeeded
says: [ran as a file]
request: {entrypoint: "-"}
"""

print("ran as a file")
