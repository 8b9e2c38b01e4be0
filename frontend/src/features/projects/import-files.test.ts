import { chosenFiles, droppedFiles, importFiles, MOST_FILE_BYTES, MOST_PROJECT_BYTES } from "./import-files";

const blob = (...parts: BlobPart[]): Blob => new Blob(parts);

test("text files come in, and binary ones are refused by name", async () => {
  const { files, refused } = await importFiles(
    [
      { path: "src/a.py", file: blob("print('ü')") },
      { path: "model.pt", file: blob(new Uint8Array([0x80, 0xff, 0, 1])) },
      { path: "nul.txt", file: blob("a\0b") },
    ],
    {},
  );
  expect(files).toEqual({ "src/a.py": "print('ü')" });
  expect(refused).toEqual([
    "model.pt is not text: upload it as a dataset",
    "nul.txt is not text: upload it as a dataset",
  ]);
});

test("what tools leave in a folder stays outside", async () => {
  const incoming = ["p/.git/config", "p/__pycache__/a.pyc", "p/.DS_Store", "p/.gitignore"];
  const { files, refused } = await importFiles(
    incoming.map((path) => ({ path, file: blob("x") })),
    {},
  );
  expect([Object.keys(files), refused]).toEqual([["p/.gitignore"], []]);
});

test("files that are too large, and more than the project takes, are refused with the limit", async () => {
  const half = "x".repeat(MOST_FILE_BYTES);
  const many = Array.from({ length: 5 }, (_, n) => ({ path: `${n}.txt`, file: blob(half) }));
  const { files, refused } = await importFiles([{ path: "big.txt", file: blob(half, "y") }, ...many], {});
  expect(Object.keys(files)).toHaveLength(MOST_PROJECT_BYTES / MOST_FILE_BYTES);
  expect(refused[0]).toContain("big.txt: 1.0 MiB is more than 1.0 MiB");
  expect(refused[1]).toContain("the project would be larger than 4.0 MiB");
});

test("a file cannot come where a folder is, nor into the platform's folders", async () => {
  const incoming = ["src", "main.py/x", "data/x.csv"].map((path) => ({ path, file: blob("x") }));
  const { files, refused } = await importFiles(incoming, { "src/a.py": "", "main.py": "" });
  expect(files).toEqual({});
  expect(refused).toHaveLength(3);
});

test("a chosen folder's files keep their places in it", () => {
  const file = new File(["x"], "a.py");
  Object.defineProperty(file, "webkitRelativePath", { value: "proj/src/a.py" });
  expect(chosenFiles([file, new File(["y"], "b.py")], "in").map(({ path }) => path)).toEqual([
    "in/proj/src/a.py",
    "in/b.py",
  ]);
});

test("what was dropped and cannot be read is refused by name, and the rest comes in", async () => {
  const gone = Object.assign(blob("x"), {
    arrayBuffer: () => Promise.reject(new DOMException("It was moved.", "NotReadableError")),
  });
  const fails = (_done: unknown, fail: () => void): void => fail();
  const entry = (name: string, file: unknown) => ({ name, isFile: true, file });
  const entries = [
    entry("a.py", (done: (file: Blob) => void) => done(blob("a"))),
    entry("gone.py", (done: (file: Blob) => void) => done(gone)),
    entry("secret.py", fails),
    { name: "locked", isFile: false, createReader: () => ({ readEntries: fails }) },
  ];
  const items = entries.map((item) => ({ webkitGetAsEntry: () => item }));
  const incoming = await droppedFiles({ items } as unknown as DataTransfer, "");
  const { files, refused } = await importFiles(incoming, {});
  expect(files).toEqual({ "a.py": "a" });
  expect(refused).toEqual([
    "gone.py could not be read",
    "secret.py could not be read",
    "locked could not be read",
  ]);
});
