import { findFailure } from "./traceback";

const TRACEBACK = [
  "epoch 1",
  "Traceback (most recent call last):",
  '  File "/workspace/main.py", line 12, in <module>',
  "    train(config)",
  '  File "/workspace/src/train.py", line 42, in train',
  '    lr = config["lr"]',
  '  File "/usr/lib/python3.11/collections/__init__.py", line 1004, in __getitem__',
  "    raise KeyError(key)",
  "KeyError: 'lr'",
];

test("the exception and the innermost place in the user's files are found", () => {
  expect(findFailure(TRACEBACK)).toEqual({
    summary: "KeyError: 'lr'",
    place: { path: "src/train.py", line: 42 },
  });
});

test("of chained exceptions the last counts", () => {
  const chained = [
    ...TRACEBACK,
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    "Traceback (most recent call last):",
    '  File "/workspace/main.py", line 3, in <module>',
    "    fail()",
    "torch.cuda.OutOfMemoryError: no memory",
  ];
  expect(findFailure(chained)).toEqual({
    summary: "torch.cuda.OutOfMemoryError: no memory",
    place: { path: "main.py", line: 3 },
  });
});

test("an output without a traceback has no failure", () => {
  expect(findFailure(["all is well"])).toBeNull();
  expect(findFailure([])).toBeNull();
});
