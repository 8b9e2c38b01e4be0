"""Programs that read what is typed, and processes that work together."""

from tests.sandbox.programs.ways import WARM, Program

_WORK = "import os\ndef square(x): return x * x\ndef fail(): raise ValueError('in a child')\n"

PROGRAMS = {
    "input": Program(
        "name = input('name? ')\nprint('hello', name)\nprint(input())\ninput()", stdin=b"Ada\nLovelace\n", ways=WARM
    ),
    "all of the input": Program(
        "import sys\nprint(sys.stdin.buffer.read(3), sys.stdin.read(), sys.stdin.read(), sys.stdin)",
        stdin="abcdé\n".encode() * 1000,
    ),
    "lines of input": Program("import sys\nfor line in sys.stdin: print(repr(line))", stdin=b"1\n2\r\n3"),
    "no input": Program("print(repr(__import__('sys').stdin.read()))\ninput()"),
    "pdb": Program(
        "def f(x):\n    y = x + 1\n    breakpoint()\n    return y\nprint(f(1))\nprint('end')",
        stdin=b"p y\nw\nn\nn\nn\nn\nc\n",
    ),
    "pdb to the very end": Program("breakpoint()\nx = 1\nprint('end')", stdin=b"n\nn\nn\nn\nn\nn\nn\nn\nn\nn\nn\nn\n"),
    "pdb, left": Program("breakpoint()\nx = 1", stdin=b"q\n"),
    "a console": Program(
        "import code\ncode.interact(banner='hi', local={'x': 5}, exitmsg='bye')",
        stdin=b"x + 1\n1/0\nimport sys; sys.ps1\n",
    ),
    "children by fork": Program(
        "import multiprocessing as mp\n"
        + _WORK
        + "if __name__ == '__main__':\n    with mp.Pool(2) as pool: print(pool.map(square, range(5)))\n    p = mp.Process(target=fail, name='P'); p.start(); p.join(); print(p.exitcode)\n"
        "    q = mp.Queue()\n    p = mp.Process(target=q.put, args=(square(3),)); p.start(); print(q.get()); p.join()\n    print(mp.current_process(), mp.get_start_method(), mp.active_children())",
        ways=WARM,
    ),
    "children by spawn": Program(
        "import multiprocessing as mp, sys\nprint(__name__, sys.argv)\n"
        + _WORK
        + "if __name__ == '__main__':\n    mp.set_start_method('spawn')\n    with mp.Pool(1) as pool: print(pool.map(square, range(3)))\n    p = mp.Process(target=fail, name='P'); p.start(); p.join(); print(p.exitcode)"
    ),
    "children by forkserver": Program(
        "import multiprocessing as mp\n"
        + _WORK
        + "if __name__ == '__main__':\n    mp.set_start_method('forkserver')\n    with mp.Pool(1) as pool: print(pool.map(square, range(3)))"
    ),
    "a manager and shared memory": Program(
        "import multiprocessing as mp\nfrom multiprocessing import shared_memory\ndef work(d, l, name):\n    d['x'] = 1\n    l.append(2)\n    s = shared_memory.SharedMemory(name)\n    s.buf[0] = 7\n    s.close()\n"
        "if __name__ == '__main__':\n    with mp.Manager() as m:\n        d, l = m.dict(), m.list()\n        s = shared_memory.SharedMemory(create=True, size=16)\n        p = mp.Process(target=work, args=(d, l, s.name)); p.start(); p.join()\n        print(dict(d), list(l), s.buf[0], p.exitcode)\n        s.close(); s.unlink()"
    ),
    "a pool of processes": Program(
        "from concurrent.futures import ProcessPoolExecutor\n"
        + _WORK
        + "if __name__ == '__main__':\n    with ProcessPoolExecutor(2) as p:\n        print(list(p.map(square, range(4))))\n        print(repr(p.submit(fail).exception()))"
    ),
    "a pool that is left": Program(
        "import multiprocessing as mp\n"
        + _WORK
        + "if __name__ == '__main__':\n    pool = mp.Pool(2)\n    print(pool.map(square, range(5)))"
    ),
}
