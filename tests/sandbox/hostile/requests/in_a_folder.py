"""An entry point in folders with odd names.

ends: succeeded
says: [ran as a file]
request: {entrypoint: "a b/$(id)/-x/ü;rm -rf/'\u202e/main.py"}
"""

print("ran as a file")
