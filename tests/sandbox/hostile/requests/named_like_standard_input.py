"""An entry point whose name means the standard input.

ends: succeeded
says: [ran as a file]
in: [cold, warm]
request: {entrypoint: "-"}
"""

print("ran as a file")
