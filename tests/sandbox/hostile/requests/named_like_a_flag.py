"""An entry point that the interpreter could take for the question which version it is.

ends: succeeded
says: [ran as a file]
request: {entrypoint: "--version"}
"""

print("ran as a file")
