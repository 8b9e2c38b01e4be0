"""Arguments and variables as long as they may be.

ends: succeeded
says: [CONTAINED]
request: {args: ["-c", "--help", "", "\n", "\u202e", "$(id)", "a=b"], env: {A: "=", _: "\n", EMPTY: ""}}
"""

import os
import sys

from hostile import verdict

verdict(sys.argv[1:] == ["-c", "--help", "", "\n", "\u202e", "$(id)", "a=b"], sys.argv[1:])
verdict((os.environ["A"], os.environ["EMPTY"]) == ("=", ""), "variables")
