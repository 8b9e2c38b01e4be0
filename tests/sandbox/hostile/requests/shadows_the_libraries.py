"""Files that stand in for the standard library's and the platform's own modules.

ends: [succeeded, exit 1]
request: {files: {main.py: "import json, byteme; print('CONTAINED: ran')", json.py: "def loads(x): 1/0", os.py: "1/0", byteme.py: "x = 1", launcher.py: "1/0", sitecustomize.py: "1/0", encodings/__init__.py: "1/0", site.py: "1/0"}}
"""

print("see above")
