import { makeProject } from "../../testing/factories";
import {
  canRemove,
  dirtyPaths,
  entrypointChosen,
  fileEdited,
  filesAdded,
  folderAdded,
  inProject,
  isDirty,
  openedFrom,
  pathMoved,
  pathRemoved,
  projectReducer,
  projectRebased,
  projectRenamed,
  projectSaved,
  removedBy,
  removedRestored,
  tabClosed,
  type OpenProject,
} from "./project-slice";
import { firstProject, storeTabs, withStoredTabs } from "./remembered";

const FILES = { "main.py": "main", "src/a.py": "a", "src/b.py": "b" };
const opened = (): OpenProject => openedFrom(makeProject({ files: FILES }));
const after = (project: OpenProject, ...actions: Parameters<typeof projectReducer>[1][]): OpenProject =>
  actions.reduce<OpenProject | null>(projectReducer, project) as OpenProject;

test("an edit changes its file and no other, and makes it dirty until it is saved", () => {
  const edited = after(opened(), fileEdited({ path: "src/a.py", text: "A" }));
  expect(edited.files).toEqual({ ...FILES, "src/a.py": "A" });
  expect(dirtyPaths(edited)).toEqual(["src/a.py"]);
  const saved = after(edited, projectSaved(makeProject({ files: edited.files, version: 2 })));
  expect([isDirty(saved), saved.version]).toEqual([false, 2]);
});

test("an edit of a file that is gone is dropped", () => {
  expect(after(opened(), fileEdited({ path: "gone.py", text: "x" }))).toEqual(opened());
});

test("moving a folder takes along its files, tabs and the entry point", () => {
  const begun = after(opened(), filesAdded({ files: {}, open: "src/a.py" }), entrypointChosen("src/a.py"));
  const moved = after(begun, pathMoved({ from: "src", to: "lib/src" }));
  expect(Object.keys(moved.files)).toEqual(["main.py", "lib/src/a.py", "lib/src/b.py"]);
  expect(moved).toMatchObject({
    entrypoint: "lib/src/a.py",
    active: "lib/src/a.py",
    tabs: ["main.py", "lib/src/a.py"],
  });
});

test("deleting a folder and undoing it leaves everything as it was, edits in between kept", () => {
  const begun = after(opened(), entrypointChosen("src/a.py"), filesAdded({ files: {}, open: "src/a.py" }));
  const removed = removedBy(begun, "src");
  const gone = after(begun, pathRemoved("src"));
  expect(gone).toMatchObject({ files: { "main.py": "main" }, entrypoint: "main.py", active: "main.py" });
  const back = after(gone, fileEdited({ path: "main.py", text: "edited" }), removedRestored(removed));
  expect(back.files).toEqual({ ...FILES, "main.py": "edited" });
  expect(back).toMatchObject({ entrypoint: "src/a.py", active: "src/a.py" });
});

test("the last file stays", () => {
  const one = openedFrom(makeProject({ files: { "main.py": "x" } }));
  expect(canRemove(one, "main.py")).toBe(false);
  expect(after(one, pathRemoved("main.py"))).toEqual(one);
});

test("an empty folder is there until a file is in it", () => {
  const made = after(opened(), folderAdded("new"));
  expect(made.folders).toEqual(["new"]);
  expect(after(made, filesAdded({ files: { "new/x.py": "" } })).folders).toEqual([]);
});

test("closing a tab shows its neighbour; without one, none", () => {
  const two = after(opened(), filesAdded({ files: {}, open: "src/a.py" }));
  expect(after(two, tabClosed("src/a.py")).active).toBe("main.py");
  expect(after(opened(), tabClosed("main.py")).active).toBeNull();
});

test("a rename of the project is no edit of its files", () => {
  const renamed = after(opened(), projectRenamed({ name: "New", version: 2 }));
  expect(renamed).toMatchObject({ name: "New", version: 2 });
  expect(after(opened(), projectRenamed({ name: "New", version: 7 })).version).toBe(1);
});

test("another version is the new beginning, and tabs of what is gone close", () => {
  const two = after(opened(), filesAdded({ files: {}, open: "src/a.py" }));
  const theirs = makeProject({ files: { "main.py": "theirs" }, version: 5 });
  const rebased = after(two, projectRebased({ onto: theirs, program: theirs }));
  expect(rebased).toMatchObject({
    version: 5,
    tabs: ["main.py"],
    active: "main.py",
    files: { "main.py": "theirs" },
  });
  expect(isDirty(rebased)).toBe(false);
});

test("tabs and empty folders come back with the project", () => {
  const project = after(opened(), filesAdded({ files: {}, open: "src/b.py" }), folderAdded("new"));
  storeTabs(project);
  expect(withStoredTabs(opened())).toMatchObject({
    tabs: ["main.py", "src/b.py"],
    active: "src/b.py",
    folders: ["new"],
  });
});

test.each([null, 1, { files: { a: 1 }, entrypoint: "a" }, { files: {}, entrypoint: "a" }])(
  "where the browser holds %j instead of a draft, the first project is a greeting",
  (stored) => {
    localStorage.setItem("byteme.draft.u1", JSON.stringify(stored));
    expect(firstProject("u1").files).toHaveProperty(["main.py"]);
  },
);

test("a draft from before there were projects becomes the first one", () => {
  localStorage.setItem(
    "byteme.draft.u1",
    JSON.stringify({ files: { "x.py": "1" }, entrypoint: "x.py", active: "x.py" }),
  );
  expect(firstProject("u1")).toEqual({ name: "Untitled", files: { "x.py": "1" }, entrypoint: "x.py" });
});

test("what is meant for one project does nothing to another one", () => {
  const action = fileEdited({ path: "main.py", text: "changed" });
  expect(after(opened(), inProject("p2", action))).toEqual(opened());
  expect(after(opened(), inProject("p1", action)).files["main.py"]).toBe("changed");
  const other = makeProject({ id: "p2", files: { "main.py": "other" }, version: 9 });
  expect(after(opened(), projectSaved(other))).toEqual(opened());
  expect(after(opened(), projectRebased({ onto: other, program: other }))).toEqual(opened());
});
