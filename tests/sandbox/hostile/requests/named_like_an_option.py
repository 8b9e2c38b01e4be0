"""An entry point that the interpreter could take for an option with a program.

ends: succeeded
says: [ran as a file]
request: {entrypoint: "-cprint(6*7).py"}
"""

print("ran as a file")
