import { fuzzyFilter, fuzzyScore } from "./fuzzy";

test("letters in order match, others do not", () => {
  expect(fuzzyScore("mpy", "src/model.py")).not.toBeNull();
  expect(fuzzyScore("ypm", "src/model.py")).toBeNull();
});

test("a name found whole goes before one found in pieces", () => {
  const paths = ["tools/trend/main.py", "src/train.py", "notes.md"];
  expect(fuzzyFilter(paths, "train", (path) => path)).toEqual(["src/train.py", "tools/trend/main.py"]);
  expect(fuzzyFilter(paths, "t", (path) => path)).toHaveLength(3);
  expect(fuzzyFilter(paths, " ", (path) => path)).toEqual(paths);
});
