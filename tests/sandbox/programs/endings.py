"""Programs that end in some way or other, and what they have to say when they do."""

from server.domain.run import Limits
from tests.sandbox.programs.ways import ALL, WARM, Program

EXITS = {
    "None": "sys.exit()", "0": "sys.exit(0)", "7": "sys.exit(7)", "256": "sys.exit(256)", "300": "sys.exit(300)", "-1": "sys.exit(-1)",
    "large": "sys.exit(1 << 40)", "huge": "sys.exit(1 << 70)", "text": "sys.exit('bye')", "tuple": "sys.exit((1, 2))", "bool": "sys.exit(True)",
    "float": "sys.exit(2.5)", "two arguments": "raise SystemExit(3, 4)", "class": "raise SystemExit", "os._exit": "print('x', end=''); os._exit(9)",
    "quit": "quit(4)", "subclass": "class E(SystemExit): pass\nraise E(5)", "bad text": "class B:\n    def __str__(self): raise ValueError\nsys.exit(B())",
}  # fmt: skip
PROGRAMS = {f"exit {name}": Program(f"import os, sys\n{code}", ways=("cold",)) for name, code in EXITS.items()}
PROGRAMS |= {
    "exit in a warm sandbox": Program("import sys\nsys.exit('bye')", ways=WARM),
    "an exception": Program("def f(x):\n    return 1 / x\nprint('before')\nf(0)", ways=ALL),
    "a chain of exceptions": Program(
        "class Mine(Exception): pass\ntry:\n    try: {}['a']\n    except KeyError as e: raise Mine('two') from e\nexcept Mine:\n    raise ValueError('three')"
    ),
    "a group of exceptions": Program(
        "e = ExceptionGroup('all', [ValueError(1), ExceptionGroup('more', [TypeError('two')])])\ne.add_note('a note')\nraise e"
    ),
    "an exception in an imported module": Program(
        "import mine", files={"mine.py": "import other", "other.py": "def f():\n    raise RuntimeError('deep')\nf()"}
    ),
    "endless recursion": Program("def f(n): return f(n + 1) + 1\nf(0)"),
    "a syntax error": Program("print('never')\nx = = 1\n", ways=WARM),
    "a syntax error further on, and a warning before": Program("print(1 is 1)\ndef f(:\n  pass"),
    "bad indentation": Program("if True:\n        x = 1\n    y = 2\n"),
    "a syntax error in an imported module": Program("import mine", files={"mine.py": "x = (\n"}),
    "not UTF-8": Program("", files={"latin.py": "x = 'é'\n"}, entry="latin.py"),
    "another encoding": Program("", files={"latin.py": "# coding: latin-1\nprint('é')\n"}, entry="latin.py"),
    "an unknown encoding": Program("# coding: klingon\nprint(1)"),
    "a byte-order mark": Program("\ufeffprint('fine')"),
    "a nul byte": Program("x = 1\nprint('a\0b')\n"),
    "no such file": Program(None, entry="missing.py"),
    "a folder with __main__": Program(
        None,
        files={"app/__main__.py": "import sys\nprint(__name__, sys.argv, sys.path[0], __package__)\nsys.exit(3)"},
        entry="app",
    ),
    "carriage returns": Program("x = 1\r\nprint(x)\r\n1/0\r\n"),
    "a hook for exceptions": Program(
        "import sys, traceback\ndef hook(t, v, tb):\n    print('hook', t, v, tb.tb_lineno, tb.tb_next, sys.last_value is v)\n    traceback.print_stack()\n    traceback.print_tb(tb)\nsys.excepthook = hook\n1/0",
        ways=WARM,
    ),
    "a hook that fails": Program("import sys\ndef hook(*a): raise ValueError('hook')\nsys.excepthook = hook\n1/0"),
    "a hook that leaves": Program("import sys\ndef hook(*a): sys.exit(5)\nsys.excepthook = hook\n1/0"),
    "no hook": Program("import sys\ndel sys.excepthook\n1/0"),
    "an interrupt": Program("raise KeyboardInterrupt", ways=WARM),
    "an interrupt of its own": Program(
        "import atexit\natexit.register(print, 'callback')\nclass K(KeyboardInterrupt): pass\nraise K"
    ),
    "killed by a signal": Program(
        "import os, signal\nprint('x')\nos.kill(os.getpid(), signal.SIGTERM)\nimport time; time.sleep(60)", ways=WARM
    ),
    "a handler for a signal": Program(
        "import os, signal, sys\ndef f(n, frame): print('got', n, frame.f_code.co_name); sys.exit(3)\nsignal.signal(signal.SIGTERM, f)\nos.kill(os.getpid(), signal.SIGTERM)\nprint('after')"
    ),
    "interrupted by a signal": Program("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nprint('never')"),
    "an alarm": Program("import signal, time\nsignal.alarm(1)\ntime.sleep(60)"),
    "a broken pipe": Program(
        "import os\nr, w = os.pipe()\nos.close(r)\ntry: os.write(w, b'x')\nexcept BrokenPipeError as e: print(e)\nimport subprocess\nprint(subprocess.run('yes | head -1', shell=True, capture_output=True))"
    ),
    "a segmentation fault": Program("import ctypes\nprint('x')\nctypes.string_at(0)", ways=WARM),
    "a segmentation fault, explained": Program(
        "import faulthandler, ctypes\nfaulthandler.enable()\ndef f(): ctypes.string_at(0)\nf()"
    ),
    "abort": Program("import os\nprint('x')\nos.abort()"),
    "no memory left": Program(
        "x = bytearray(1 << 31)\nprint(len(x))", limits=Limits(memory_mb=256, disk_mb=64, pids=128)
    ),
    "a memory error": Program(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))\nx = bytearray(1 << 31)",
        ways=("cold", "bare"),
    ),
    "callbacks": Program(
        "import atexit, sys\n@atexit.register\ndef first(): print('first', '__file__' in globals()); raise ValueError('bad')\n@atexit.register\ndef second(): print('second'); sys.exit(9)\n"
        "atexit.register(print, 'third', flush=True)\nprint(atexit._ncallbacks())\nsys.exit(2)",
        ways=WARM,
    ),
    "callbacks after an exception": Program(
        "import atexit\natexit.register(lambda: print('end', '__file__' in globals(), '__cached__' in globals()))\n1/0"
    ),
    "destructors": Program(
        "class D:\n    def __init__(self, n): self.n = n\n    def __del__(self): print('del', self.n, D is None, type(self).__name__)\n_a = D('private')\nb = D('public')\nc = D('cycle'); c.me = c\n"
        "def f(x=D('default')): pass\nlst = [D('in list')]\nprint('end')",
        ways=WARM,
    ),
    "destructors without functions": Program(
        "import mine\na = mine.D('a')\nb = mine.D('b')\n_c = mine.D('c')\nimport other\nprint('end')",
        files={
            "mine.py": "class D:\n    def __init__(self, n): self.n = n\n    def __del__(self): print('del', self.n)\n",
            "other.py": "import mine\nx = mine.D('x')\ny = mine.D('y')",
        },
    ),
    "a destructor that fails": Program("class D:\n    def __del__(self): 1 / 0\nd = D()"),
    "a destructor that imports": Program(
        "class D:\n    def __del__(self):\n        import json\n        print(json.dumps(1))\nd = D()"
    ),
    "finalizers": Program(
        "import weakref\nclass A: pass\na = A()\nb = A()\nweakref.finalize(a, print, 'a gone')\nweakref.finalize(b, print, 'b gone')\ndel b\nprint('end')",
        ways=WARM,
    ),
    "destructor after an exception": Program(
        "class D:\n    def __del__(self): print('del')\ndef f():\n    d = D()\n    1/0\nf()"
    ),
    "files left open": Program(
        "import signal, logging, threading, time\nf = open('outputs/a.txt', 'w')\nf.write('kept')\ng = [open('outputs/b.txt', 'wb')]\ng[0].write(b'kept')\ng.append(g)\n"
        "signal.signal(signal.SIGUSR1, lambda *_: f)\nlogging.mine = open('outputs/c.txt', 'w')\nlogging.mine.write('kept')\nimport zipfile\nz = zipfile.ZipFile('outputs/d.zip', 'w')\nz.writestr(zipfile.ZipInfo('x'), 'y')\n"
        "def never(): return f",
        ways=WARM,
    ),
    "standard output is closed": Program("import sys\nprint('x')\nsys.stdout.close()"),
    "standard output can't be written": Program(
        "import os, sys\nprint('x')\nsys.stdout.flush()\nos.close(1)\nprint('y', end='')", env={"PYTHONUNBUFFERED": ""}
    ),
    "standard output is somebody else's": Program(
        "import sys\nsys.stdout = open('outputs/log.txt', 'w')\nprint('kept')"
    ),
    "standard error is gone": Program("import sys\nsys.stderr = None\n1/0"),
    "threads": Program(
        "import threading, time, sys\ndef work(n): time.sleep(.1 * n); print('done', n, threading.current_thread().name)\nfor n in 1, 2: threading.Thread(target=work, args=(n,)).start()\n"
        "def bad(): raise ValueError('in a thread')\nt = threading.Thread(target=bad); t.start(); t.join()\ndef leave(): sys.exit(9)\nthreading.Thread(target=leave).start()\nprint('main ends', threading.main_thread().name)",
        ways=WARM,
    ),
    "daemons": Program(
        "import threading, time\ndef work():\n    while True: time.sleep(.01)\nthreading.Thread(target=work, daemon=True).start()\nprint(threading.enumerate()[0].name, threading.active_count())"
    ),
    "a busy daemon": Program(
        "import threading\ndef work():\n    while True: pass\nfor _ in range(2): threading.Thread(target=work, daemon=True).start()\nclass D:\n    def __del__(self): print('del')\nd = D()"
    ),
    "a pool of threads": Program(
        "from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor(2)\nprint(list(p.map(abs, [-1, 2])))\np.submit(print, 'later')",
        ways=WARM,
    ),
    "asyncio": Program(
        "import asyncio\nasync def f():\n    await asyncio.sleep(.01)\n    print(asyncio.current_task().get_name())\n    return 3\nprint(asyncio.run(f()))\nasync def g(): raise ValueError\nasyncio.run(g())"
    ),
    "a loop that is left": Program(
        "import asyncio\nasync def f(): await asyncio.sleep(60)\nloop = asyncio.new_event_loop()\ntask = loop.create_task(f())\nloop.run_until_complete(asyncio.sleep(0))\nprint('end')"
    ),
    "fork": Program(
        "import os, sys, atexit\natexit.register(lambda: (print('callback', os.getpid() == parent), sys.stdout.flush()))\nparent = os.getpid()\npid = os.fork()\nif pid:\n    print('child ended with', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\nelse:\n    print('child')\n    sys.exit(5)",
        ways=WARM,
    ),
    "exec": Program(
        "import os, sys\nprint('before')\nsys.stdout.flush()\nos.execv(sys.executable, [sys.executable, '-c', 'import os, sys; print(sys.argv, os.listdir(\"/proc/self/fd\")[:3])', 'x'])"
    ),
    "another interpreter": Program(
        "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; print(sys.argv, sys.path, len(sys.modules), sys.stdin.read())', 'a'], input='in', capture_output=True, text=True))\n"
        "print(subprocess.run([sys.executable, 'other.py'], capture_output=True, text=True))\nprint(subprocess.run(['sh', '-c', 'trap; ulimit -n; exit 3']).returncode)",
        files={"other.py": "import sys\nprint(sys.argv, __file__)\n1/0"},
    ),
    "an audit hook": Program(
        "import sys\nsys.addaudithook(lambda name, args: print(name, args[0]) if name == 'open' and 'x.txt' in str(args[0]) else None)\nopen('x.txt', 'w').close()"
    ),
}
