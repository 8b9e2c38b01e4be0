import { DraftSaver } from "./draft-saver";
import {
  draftReducer,
  EMPTY_DRAFT,
  fileAdded,
  fileEdited,
  fileRemoved,
  fileRenamed,
  parseDraft,
  pathProblem,
} from "./draft-slice";

test("an edit changes its file and no other", () => {
  const two = draftReducer(EMPTY_DRAFT, fileAdded("util.py"));
  const edited = draftReducer(two, fileEdited({ path: "util.py", text: "x = 1" }));
  expect(edited.files).toEqual({ ...EMPTY_DRAFT.files, "util.py": "x = 1" });
});

test("an edit of a file that is gone is dropped", () => {
  expect(draftReducer(EMPTY_DRAFT, fileEdited({ path: "gone.py", text: "x" }))).toEqual(EMPTY_DRAFT);
});

test("renaming keeps the text, the place and the entry point", () => {
  const draft = draftReducer(EMPTY_DRAFT, fileRenamed({ from: "main.py", to: "train.py" }));
  expect(draft).toMatchObject({
    files: { "train.py": EMPTY_DRAFT.files["main.py"] },
    entrypoint: "train.py",
  });
  expect(draft.active).toBe("train.py");
});

test("the last file cannot be deleted, and a deleted entry point is replaced", () => {
  expect(draftReducer(EMPTY_DRAFT, fileRemoved("main.py"))).toEqual(EMPTY_DRAFT);
  const two = draftReducer(EMPTY_DRAFT, fileAdded("util.py"));
  expect(draftReducer(two, fileRemoved("main.py"))).toMatchObject({
    entrypoint: "util.py",
    active: "util.py",
  });
});

test.each(["", "/etc/passwd", "../up.py", "a//b", "a\\b", "x\u0000y", "main.py"])(
  "the path %j is refused",
  (path) => {
    expect(pathProblem(path, ["main.py"])).not.toBeNull();
  },
);

test.each(["a.py", "src/deep/a b.py", "ü.py"])("the path %j is fine", (path) => {
  expect(pathProblem(path, ["main.py"])).toBeNull();
});

test("a draft survives the page, each account's apart", () => {
  const draft = { ...EMPTY_DRAFT, title: "Mine" };
  const saver = new DraftSaver("u1");
  saver.save(draft);
  expect(saver.state.get()).toBe("saving");
  saver.flush();
  expect(saver.state.get()).toBe("saved");
  expect(new DraftSaver("u1").load()).toEqual(draft);
  expect(new DraftSaver("u2").load()).toBeNull();
});

test("storage that is full is said, and the draft is kept for the next try", () => {
  const saver = new DraftSaver("u1");
  const full = jest.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  saver.save(EMPTY_DRAFT);
  saver.flush();
  expect(saver.state.get()).toBe("failed");
  full.mockRestore();
  saver.flush();
  expect([saver.state.get(), new DraftSaver("u1").load()]).toEqual(["saved", EMPTY_DRAFT]);
});

test.each([
  null,
  1,
  {},
  { files: { a: 1 }, entrypoint: "a", active: "a" },
  { files: {}, entrypoint: "a", active: "a" },
])("storage that holds %j holds no draft", (value) => expect(parseDraft(value)).toBeNull());
