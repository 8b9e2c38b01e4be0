"""Variables that change what a program loads. They are its own affair: not the supervisor's, not the server's.

ends: [succeeded, exit 1]
request:
  env: {LD_PRELOAD: /workspace/evil.so, LD_LIBRARY_PATH: /workspace, LD_AUDIT: /workspace/evil.so, GCONV_PATH: /workspace, PYTHONSTARTUP: /workspace/main.py, PYTHONPATH: "/workspace/evil:/proc/self/cwd", PYTHONINSPECT: "1", PYTHONBREAKPOINT: os.abort, PYTHONWARNINGS: "error::x.y", PYTHONDEVMODE: "1", PYTHONMALLOC: debug}
"""

print("CONTAINED: it ran")
