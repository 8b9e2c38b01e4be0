"""An empty file and folders without any.

ends: succeeded
artifacts: [empty]
"""

import os

os.chdir("outputs")
open("empty", "w").close()
os.makedirs("folders/without/files")
