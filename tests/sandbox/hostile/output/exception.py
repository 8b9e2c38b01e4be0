"""An exception nobody catches.

ends: exit 1
says: [before, "ValueError: boom €"]
"""

print("before", flush=True)
raise ValueError("boom €")
