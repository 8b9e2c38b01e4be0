"""Becomes the program of a sandbox: `python3 launch.py PROFILE`, started by zygote.py. See README.md."""

import sys

fresh = set(sys.modules), set(sys.path_importer_cache)  # before anything of ours is imported
import launcher  # noqa: E402

launcher.main(sys.argv[1], *fresh)
