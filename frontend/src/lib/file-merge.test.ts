import { changesBetween, mergeFiles, originalsOf, withChanges } from "./file-merge";

const BASE = { "a.py": "a", "b.py": "b", "c.py": "c" };

test("changes lead from one version to the other, and back", () => {
  const after = { "a.py": "A", "b.py": "b", "d.py": "d" };
  const changes = changesBetween(BASE, after);
  expect(changes).toEqual({ "a.py": "A", "c.py": null, "d.py": "d" });
  expect(withChanges(BASE, changes)).toEqual(after);
  expect(withChanges(after, originalsOf(changes, BASE))).toEqual(BASE);
});

test("changes of different files come together", () => {
  const merged = mergeFiles(
    BASE,
    { ...BASE, "a.py": "mine" },
    { "a.py": "a", "b.py": "theirs", "c.py": "c", "d.py": "new" },
  );
  expect(merged).toEqual({
    files: { "a.py": "mine", "b.py": "theirs", "c.py": "c", "d.py": "new" },
    conflicts: [],
  });
});

test("the same change on both sides is no conflict", () => {
  expect(mergeFiles(BASE, { ...BASE, "a.py": "same" }, { ...BASE, "a.py": "same" }).conflicts).toEqual([]);
});

test("a file changed on both sides, or changed here and deleted there, is a conflict", () => {
  const mine = { "a.py": "mine", "b.py": "mine", "c.py": "c" };
  const theirs = { "a.py": "theirs", "c.py": "c" };
  expect(mergeFiles(BASE, mine, theirs)).toEqual({ files: mine, conflicts: ["a.py", "b.py"] });
});
