import { findProblems } from "./run-problems";

const isOwn = (path: string): boolean => path === "main.py" || path === "src/net.py";

test("every frame in the user's files is a problem, the innermost one an error", () => {
  const lines = `epoch 1
Traceback (most recent call last):
  File "/workspace/main.py", line 9, in <module>
    train(3)
  File "/workspace/src/net.py", line 4, in train
    json.loads(text)
    ^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
ValueError: no: really`.split("\n");
  expect(findProblems(lines, isOwn)).toEqual([
    {
      path: "src/net.py",
      line: 4,
      message: "ValueError: no: really",
      severity: "error",
      source: "json.loads(text)",
    },
    {
      path: "main.py",
      line: 9,
      message: "Called here: led to ValueError: no: really",
      severity: "info",
      source: "train(3)",
    },
  ]);
});

test("a syntax error of the program itself has no traceback, and is found", () => {
  const lines = [
    '  File "/workspace/main.py", line 2',
    "    print(",
    "         ^",
    "SyntaxError: '(' was never closed",
  ];
  expect(findProblems(lines, isOwn)).toEqual([
    {
      path: "main.py",
      line: 2,
      message: "SyntaxError: '(' was never closed",
      severity: "error",
      source: "print(",
    },
  ]);
});

test("a syntax error of an imported file is at its own line", () => {
  const lines = [
    "Traceback (most recent call last):",
    '  File "/workspace/main.py", line 1, in <module>',
    "    import src.net",
    '  File "/workspace/src/net.py", line 3',
    "    def x(:",
    "          ^",
    "SyntaxError: invalid syntax",
  ];
  expect(findProblems(lines, isOwn).map(({ path, line, severity }) => [path, line, severity])).toEqual([
    ["src/net.py", 3, "error"],
    ["main.py", 1, "info"],
  ]);
});

test("of several tracebacks the last one counts, and a recursion is one problem", () => {
  const frame = ['  File "/workspace/main.py", line 5, in f', "    f()"];
  const lines = [
    "Traceback (most recent call last):",
    ...frame,
    "KeyError: 1",
    "Traceback (most recent call last):",
    ...frame,
    ...frame,
    "RecursionError: deep",
  ];
  expect(findProblems(lines, isOwn)).toEqual([
    { path: "main.py", line: 5, message: "RecursionError: deep", severity: "error", source: "f()" },
  ]);
});

test("an output without a traceback, or with one elsewhere only, has no problems", () => {
  expect(findProblems(["fine", 'File "main.py", line 3'], isOwn)).toEqual([]);
  expect(
    findProblems(
      ["Traceback (most recent call last):", '  File "/opt/x.py", line 1, in y', "OSError"],
      isOwn,
    ),
  ).toEqual([]);
});
