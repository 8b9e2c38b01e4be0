import { allFolders, buildTree, freePath, movedPath, pathProblem, visibleRows } from "./file-tree";

const PATHS = ["main.py", "src/b.py", "src/a10.py", "src/a2.py", "src/deep/x.py", "README.md"];

test("folders come before files, numbers in their order, and empty folders are there too", () => {
  const open = new Set(["src", "src/deep"]);
  const rows = visibleRows(buildTree(PATHS, ["empty/inner"]), open);
  expect(rows.map(({ node, level }) => `${level} ${node.path}`)).toEqual([
    "1 empty",
    "1 src",
    "2 src/deep",
    "3 src/deep/x.py",
    "2 src/a2.py",
    "2 src/a10.py",
    "2 src/b.py",
    "1 main.py",
    "1 README.md",
  ]);
  expect(rows[2]).toMatchObject({ position: 1, siblings: 4 });
});

test("what lies in a closed folder is not seen", () => {
  const rows = visibleRows(buildTree(PATHS), new Set());
  expect(rows.map(({ node }) => node.path)).toEqual(["src", "main.py", "README.md"]);
});

test("a folder takes along what lies in it, and nothing that only begins alike", () => {
  expect(movedPath("src/a.py", "src", "lib/src")).toBe("lib/src/a.py");
  expect(movedPath("srcs/a.py", "src", "lib")).toBe("srcs/a.py");
});

test("a copy's name is free", () => {
  expect(freePath("a.py", ["a.py"])).toBe("a copy.py");
  expect(freePath("s/a.py", ["s/a.py", "s/a copy.py"])).toBe("s/a copy 2.py");
  expect(freePath(".env", [".env"])).toBe(".env copy");
});

test.each([
  "",
  "/etc/passwd",
  "../up.py",
  "a//b",
  "a\\b",
  "x\u0000y",
  "main.py",
  "src",
  "main.py/x",
  "data",
  "data/x.csv",
  "outputs",
  "ü".repeat(128),
])("the path %j is refused", (path) => {
  expect(pathProblem(path, PATHS, allFolders(PATHS, []))).not.toBeNull();
});

test.each(["a.py", "src/deep/a b.py", "ü.py", "outputs2", "src/data/x.py"])("the path %j is fine", (path) => {
  expect(pathProblem(path, PATHS, allFolders(PATHS, []))).toBeNull();
});
