"""Programs that look at the interpreter they run in: what they see must not depend on how they were started."""

from tests.sandbox.programs.ways import ALL, WARM, Program

PROGRAMS = {
    "nothing at all": Program("", ways=WARM),
    "arguments": Program("import sys; print(sys.argv, sys.orig_argv)", argv=("a b", "ü", "--x=1", ""), ways=WARM),
    "environment": Program(
        "import os, posix, subprocess\nprint(list(os.environ.items()), list(posix.environ), os.environb[b'MINE'])\n"
        "print(subprocess.run(['env'], capture_output=True, text=True).stdout)",
        env={"MINE": "ü =", "LANGUAGE": ""},
        ways=WARM,
    ),
    "working folder and identity": Program(
        "import os; print(os.getcwd(), os.listdir('.'), os.umask(0), os.sched_getaffinity(0) == set(range(os.cpu_count())))"
    ),
    "names in __main__": Program(
        "print({k: v for k, v in vars().items()}, __loader__.path, __loader__.name)\nx: int = 1\nprint(__annotations__)",
        ways=WARM,
    ),
    "a docstring and a future": Program(
        '"""Doc."""\nfrom __future__ import annotations\nx: Undefined = 1\nprint(__doc__, __annotations__)'
    ),
    "modules at the start": Program(
        "import sys\nprint(list(sys.modules), sys.path, sys.meta_path, sys.path_hooks, list(sys.path_importer_cache.items()))",
        ways=ALL,
    ),
    "modules after imports": Program(
        "import sys\nfor name in 'random', 'json', 'logging', 'dataclasses', 'asyncio', 'multiprocessing.pool', 'sqlite3':\n"
        "    __import__(name)\n    print(name, sorted(sys.modules), sorted(vars(sys.modules[name.partition('.')[0]])))",
        ways=WARM,
    ),
    "flags and settings": Program(
        "import sys, gc, signal, faulthandler, locale\n"
        "print(sys.flags, sys.executable, sys.prefix, sys.base_prefix, sys.warnoptions, sys._xoptions, sys.getrecursionlimit(),\n"
        " sys.getswitchinterval(), gc.get_threshold(), gc.isenabled(), gc.callbacks, faulthandler.is_enabled(),\n"
        " sys.gettrace(), sys.getprofile(), sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__,\n"
        " sys.unraisablehook is sys.__unraisablehook__, sys.dont_write_bytecode, sys.pycache_prefix, hasattr(sys, 'last_type'))\n"
        "print({s.name: str(signal.getsignal(s)) for s in signal.Signals})\n"
        "print(locale.getlocale(), locale.setlocale(locale.LC_ALL), sys.getfilesystemencoding())\n"
        "for f in sys.stdin, sys.stdout, sys.stderr:\n"
        "    print(f, f.line_buffering, f.write_through, type(f.buffer), f.isatty(), f.fileno(), f.errors)"
    ),
    "a module's attributes": Program(
        "import sys, json, random, logging\nfor m in json, random, logging, logging.handlers if hasattr(logging, 'handlers') else sys:\n"
        "    print(m.__spec__, m.__loader__, m.__file__ if m is not sys else '', m.__package__, getattr(m, '__cached__', None))"
    ),
    "files that are open": Program(
        "import os; print(sorted(os.listdir('/proc/self/fd'))[:3], os.fstat(0).st_mode, os.fstat(1).st_mode)"
    ),
    "only three files are open": Program(
        "import os\nprint([os.path.exists(f'/proc/self/fd/{n}') for n in range(3, 64)])", ways=WARM
    ),
    "limits": Program(
        "import resource as r\nprint({n: r.getrlimit(getattr(r, n)) for n in dir(r) if n.startswith('RLIMIT') and n != 'RLIMIT_FSIZE'})"
    ),
    "recursion": Program(
        "import sys\ndef f(n):\n    try: return f(n + 1)\n    except RecursionError: return n\nprint(f(0))\nsys.setrecursionlimit(3000)\nprint(f(0))"
    ),
    "frames": Program(
        "import inspect, sys, traceback\ndef f():\n    print([(i.filename, i.lineno, i.function) for i in inspect.stack()])\n"
        "    traceback.print_stack()\n    print(sys._getframe(1).f_back)\nf()"
    ),
    "frames while a module of ours is imported": Program(
        "import mine", files={"mine.py": "import inspect\nprint([(i.filename, i.function) for i in inspect.stack()])"}
    ),
    "hidden filters": Program(
        "import warnings\nprint(warnings.filters)\nimport numpy\nprint(len(warnings.filters))", ways=WARM
    ),
    "a first warning": Program(
        "import warnings\ndef f(): warnings.warn('mind', stacklevel=2)\nf()\nf()\nfor _ in range(2): warnings.warn('again', DeprecationWarning)\n"
        "warnings.simplefilter('once'); f(); f()\nwarnings.simplefilter('error')\nf()"
    ),
    "warnings of the compiler": Program("print(1 is 1)\nassert (1, 'x')\nprint('\\d')"),
    "unclosed files": Program("import warnings; warnings.simplefilter('always')\nopen('x', 'w')\nf = open('y', 'w')"),
    "a class of __main__, pickled": Program(
        "import pickle, copy, sys\nclass A:\n    def __init__(self): self.x = 1\na = pickle.loads(pickle.dumps(A()))\n"
        "print(type(a) is A, pickle.dumps(A), copy.deepcopy(a).x, A.__module__, sys.modules['__main__'].A is A)"
    ),
    "dataclasses, enums and hints": Program(
        "from __future__ import annotations\nimport dataclasses, enum, typing, collections\n"
        "@dataclasses.dataclass(order=True)\nclass P:\n    x: int\n    y: typing.Optional[P] = None\n    z: dataclasses.InitVar[int] = 0\n"
        "class E(enum.Enum):\n    A = enum.auto()\n    B = 'b'\nclass N(typing.NamedTuple):\n    a: int = 1\n"
        "print(P(1, P(2)), typing.get_type_hints(P), list(E), N(), collections.namedtuple('Q', 'a b')(1, 2), P(1) < P(2))"
    ),
    "decimals and contexts": Program(
        "import contextvars, decimal\nprint(len(contextvars.copy_context()), decimal.getcontext(), decimal.Decimal(1) / 3)\n"
        "v = contextvars.ContextVar('v', default=0)\nv.set(5)\nprint(v.get(), contextvars.copy_context()[v])",
        ways=WARM,
    ),
    "reload and find": Program(
        "import importlib, importlib.util, json, sys\nprint(importlib.util.find_spec('random'), importlib.util.find_spec('nothing'), 'random' in sys.modules)\n"
        "print(importlib.reload(json) is json, json.loads('[1]'))\nimport random\nold = random\ndel sys.modules['random']\nimport random\nprint(old is random, random.Random(1).random())\n"
        "try: import nothing.at.all\nexcept ImportError as e: print(repr(e), e.name, e.path)\nimport nothing",
        ways=WARM,
    ),
    "resources and packages": Program(
        "import importlib.resources, pkgutil, mine\nprint(importlib.resources.files('mine').joinpath('data.txt').read_text())\n"
        "print([m.name for m in pkgutil.walk_packages(mine.__path__, 'mine.')], pkgutil.get_data('mine', 'data.txt'), mine.value)\n"
        "print(sorted(m.name for m in pkgutil.iter_modules() if m.name in ('torch', 'numpy', 'random', 'mine')))",
        files={
            "mine/__init__.py": "from .a import value",
            "mine/a.py": "from . import b\nfrom .b import value",
            "mine/b.py": "value = __name__, __package__",
            "mine/data.txt": "data",
        },
    ),
    "runpy": Program(
        "import runpy, sys\nprint(runpy.run_path('other.py', run_name='x')['y'])\nprint(sorted(runpy.run_module('mine', run_name='__main__'))[-1])\nprint(sys.argv)",
        files={
            "other.py": "print(__name__, __file__, __spec__)\ny = 2",
            "mine.py": "import sys\nprint(__name__, __spec__.name, sys.argv)\nzz = 1",
        },
    ),
    "a module that hides one of the library's": Program(
        "import random, queue, numpy_user, tokenize\nprint(random.x, queue.__file__, tokenize.__file__)",
        files={
            "random.py": "x = 'mine'",
            "queue/__init__.py": "",
            "numpy_user.py": "import random\nprint(random.__file__)",
        },
        ways=ALL,
    ),
    "a folder that hides nothing": Program(
        "import random, json\nprint(random.__file__)", files={"random/data.txt": "", "json/x.py": ""}, ways=WARM
    ),
    "a module that is made while we run": Program(
        "import sys\nopen('secrets.py', 'w').write('x = 1')\nimport secrets\nprint(secrets.x)\nimport os\nos.mkdir('src')\nopen('src/colorsys.py', 'w').write('x = 2')\n"
        "sys.path.insert(0, 'src')\nimport colorsys\nprint(colorsys.x)"
    ),
    "import hooks": Program(
        "import sys, builtins\nclass F:\n    def find_spec(self, name, path=None, target=None): print('asked', name)\nsys.meta_path.insert(0, F())\n"
        "import fractions\nold = builtins.__import__\ndef hook(name, *a, **k):\n    print('import', name)\n    return old(name, *a, **k)\nbuiltins.__import__ = hook\nimport mine",
        files={"mine.py": "import json"},
        ways=("cold",),
    ),
    "an entry point in a folder": Program(
        "import sys, helper\nprint(sys.path[0], __file__, sys.argv, helper.x)",
        files={"src/helper.py": "x = 1"},
        entry="src/main.py",
        ways=WARM,
    ),
    "the trace of a module": Program(
        "import sys\nsys.settrace(lambda f, e, a: print(e, f.f_code.co_filename, f.f_lineno) if 'main' in f.f_code.co_filename else None)\n"
        "def f(): return 1\nf()\nsys.settrace(None)\nsys.setprofile(lambda f, e, a: print(e, f.f_code.co_name))\nf()\nsys.setprofile(None)"
    ),
    "site and sysconfig": Program(
        "import site, sysconfig, platform\nprint(site.getsitepackages(), site.ENABLE_USER_SITE, sysconfig.get_paths(), platform.python_implementation(), exit, quit, copyright)"
    ),
    "time zone": Program(
        "import time, datetime\nprint(time.tzname, time.timezone, datetime.datetime.fromtimestamp(0), time.localtime(0))",
        env={"TZ": "Asia/Tokyo"},
        ways=WARM,
    ),
    "temporary files": Program(
        "import tempfile, os\nprint(tempfile.gettempdir(), os.path.dirname(tempfile.mktemp()))",
        env={"TMPDIR": "/dev/shm"},
    ),
    "hash seed": Program("print(hash('a'), {'a', 'b', 'c', 'd'})", env={"PYTHONHASHSEED": "7"}, ways=WARM),
    "optimised": Program("import sys\nassert False\nprint(sys.flags.optimize, __debug__)", env={"PYTHONOPTIMIZE": "1"}),
    "development mode": Program(
        "import sys\nprint(sys.flags.dev_mode)\nf = open('x', 'w')\ndel f", env={"PYTHONDEVMODE": "1"}
    ),
    "a path of its own": Program(
        "import lib\nprint(lib.x)", files={"elsewhere/lib.py": "x = 3"}, env={"PYTHONPATH": "/workspace/elsewhere"}
    ),
    "buffered output": Program(
        "import sys, os\nprint('text')\nos.write(1, b'bytes\\n')\nprint(type(sys.stdout.buffer))",
        env={"PYTHONUNBUFFERED": ""},
    ),
    "another language": Program(
        "import locale, sys\nprint(sys.stdout.encoding, sys.getfilesystemencoding(), locale.setlocale(locale.LC_ALL, ''))",
        env={"LANG": "C", "LC_ALL": "POSIX"},
    ),
    "ctypes": Program(
        "import ctypes, ctypes.util, os\nlibc = ctypes.CDLL(None)\nlibc.setenv(b'X', b'1', 1)\nlibc.getenv.restype = ctypes.c_char_p\nprint(libc.getenv(b'HOME'), libc.getenv(b'MINE'), libc.getpid() == os.getpid())\n"
        "libc.printf(b'%s\\n', b'from C')",
        env={"MINE": "mine"},
        ways=WARM,
    ),
    "a database": Program(
        "import sqlite3\nc = sqlite3.connect('x.db')\nc.execute('create table t (a)')\nc.execute('insert into t values (1)')\nc.commit()\nprint(c.execute('select * from t').fetchall())"
    ),
    "logging": Program(
        "import logging, time\nlogging.basicConfig(level='DEBUG', format='%(levelname)s %(name)s %(message)s %(processName)s %(threadName)s')\n"
        "logging.getLogger('x').info('hello')\ntry: 1 / 0\nexcept ZeroDivisionError: logging.exception('oh')\n"
        "r = logging.LogRecord('a', 1, 'b', 1, 'c', (), None)\nprint(0 <= r.relativeCreated < 60000)",
        ways=WARM,
    ),
}
