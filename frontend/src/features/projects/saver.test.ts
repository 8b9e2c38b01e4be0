import type { Project } from "../../api/projects-api";
import { makeProject } from "../../testing/factories";
import { LocalCopies } from "./local-copies";
import { ProjectSaver, type Outcome } from "./project-saver";
import {
  fileEdited,
  isDirty,
  openedFrom,
  projectReducer,
  projectRebased,
  projectSaved,
  type OpenProject,
} from "./project-slice";

/** A server with one project, and a tab of a browser that edits it. */
class Bench {
  stored: Project = makeProject({ entrypoint: "a.py", files: { "a.py": "a", "b.py": "b" } });
  away = false;
  /** What answers wait for. */
  slow: Promise<void> = Promise.resolve();
  project: OpenProject | null;
  readonly copies = new LocalCopies("u1", this.stored.id);
  readonly saver: ProjectSaver;
  sent = 0;

  constructor() {
    this.project = this.copies.recover(this.stored);
    this.saver = new ProjectSaver({
      project: () => this.project,
      send: async (_id, version, program) => {
        await this.slow;
        return this.take(version, program);
      },
      read: () =>
        Promise.resolve<Outcome>(this.away ? { kind: "away" } : { kind: "done", project: this.stored }),
      saved: (project) => this.reduce(projectSaved(project)),
      rebased: (onto, program) => this.reduce(projectRebased({ onto, program })),
      copies: this.copies,
    });
  }

  edit(path: string, text: string): void {
    this.reduce(fileEdited({ path, text }));
    this.saver.changed();
  }

  /** Somebody else saves. */
  theirs(files: Record<string, string>): void {
    this.stored = {
      ...this.stored,
      files: { ...this.stored.files, ...files },
      version: this.stored.version + 1,
    };
  }

  /** As the page does when another project is opened. */
  leave(): void {
    void this.saver.save();
    this.saver.dispose();
    this.project = null;
  }

  get status(): string {
    return this.saver.state.get().status;
  }

  private reduce(action: Parameters<typeof projectReducer>[1]): void {
    this.project = projectReducer(this.project, action);
  }

  private take(
    version: number,
    program: { files: Readonly<Record<string, string>>; entrypoint: string },
  ): Outcome {
    this.sent++;
    if (this.away) return { kind: "away" };
    if (version !== this.stored.version) return { kind: "outdated" };
    this.stored = { ...this.stored, ...program, files: { ...program.files }, version: version + 1 };
    return { kind: "done", project: this.stored };
  }
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("what is typed is saved a moment after the last key, once", async () => {
  const bench = new Bench();
  bench.edit("a.py", "a1");
  await jest.advanceTimersByTimeAsync(600);
  bench.edit("a.py", "a12");
  expect([bench.status, bench.sent]).toEqual(["unsaved", 0]);
  await jest.advanceTimersByTimeAsync(1100);
  expect([bench.status, bench.sent, bench.stored.files["a.py"]]).toEqual(["saved", 1, "a12"]);
});

test("while the server is away edits are kept in this browser, and saved when it is back", async () => {
  const bench = new Bench();
  bench.away = true;
  bench.edit("a.py", "precious");
  await jest.advanceTimersByTimeAsync(1100);
  expect(bench.status).toBe("offline");
  const reloaded = new Bench();
  expect(reloaded.project?.files["a.py"]).toBe("precious");
  bench.away = false;
  await jest.advanceTimersByTimeAsync(6000);
  expect([bench.status, bench.stored.files["a.py"]]).toEqual(["saved", "precious"]);
});

test("once everything is saved the browser keeps no copy", async () => {
  const bench = new Bench();
  bench.edit("a.py", "a1");
  await jest.advanceTimersByTimeAsync(1100);
  expect(Object.keys(localStorage).filter((key) => key.startsWith("byteme.copy."))).toEqual([]);
});

test("changes of different files come together without a question", async () => {
  const bench = new Bench();
  bench.theirs({ "b.py": "theirs" });
  bench.edit("a.py", "mine");
  await bench.saver.save();
  expect(bench.stored.files).toEqual({ "a.py": "mine", "b.py": "theirs" });
  expect(bench.project?.files).toEqual(bench.stored.files);
  expect(bench.status).toBe("saved");
});

test("a file changed on both sides is a question, and neither text is lost before it is answered", async () => {
  const bench = new Bench();
  bench.theirs({ "a.py": "theirs" });
  bench.edit("a.py", "mine");
  await bench.saver.save();
  expect(bench.saver.state.get()).toMatchObject({ status: "conflict", paths: ["a.py"] });
  expect([bench.stored.files["a.py"], bench.project?.files["a.py"]]).toEqual(["theirs", "mine"]);
  expect(new LocalCopies("u1", bench.stored.id).recover(bench.stored).files["a.py"]).toBe("mine");
});

test("mine over theirs keeps what only they changed", async () => {
  const bench = new Bench();
  bench.theirs({ "a.py": "theirs", "b.py": "theirs" });
  bench.edit("a.py", "mine");
  await bench.saver.save();
  bench.saver.resolve("mine");
  await bench.saver.save();
  expect(bench.stored.files).toEqual({ "a.py": "mine", "b.py": "theirs" });
});

test("theirs is shown as it is, and what was here is handed back", async () => {
  const bench = new Bench();
  bench.theirs({ "a.py": "theirs" });
  bench.edit("a.py", "mine");
  await bench.saver.save();
  expect(bench.saver.resolve("theirs")?.files["a.py"]).toBe("mine");
  expect(bench.project && isDirty(bench.project)).toBe(false);
  await bench.saver.save();
  expect([bench.stored.files["a.py"], bench.status]).toEqual(["theirs", "saved"]);
});

test("without edits a tab follows what another one saved", async () => {
  const bench = new Bench();
  bench.theirs({ "a.py": "theirs" });
  await bench.saver.refresh();
  expect(bench.project?.files["a.py"]).toBe("theirs");
  bench.edit("a.py", "mine");
  bench.theirs({ "a.py": "again" });
  await bench.saver.refresh();
  expect(bench.project?.files["a.py"]).toBe("mine");
});

test("storage that is full is said while the server is away", async () => {
  const bench = new Bench();
  bench.away = true;
  jest.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  bench.edit("a.py", "precious");
  await jest.advanceTimersByTimeAsync(1100);
  expect(bench.status).toBe("lost");
});

test("unsaved edits of two tabs that are gone are both there again", () => {
  const first = new Bench();
  first.edit("a.py", "first");
  first.saver.keep();
  sessionStorage.setItem("byteme.tab", "the second");
  const copies = new LocalCopies("u1", first.stored.id);
  const second = projectReducer(
    openedFrom(first.stored),
    fileEdited({ path: "a.py", text: "second" }),
  ) as OpenProject;
  copies.keep(second, Date.now() + 1);
  sessionStorage.setItem("byteme.tab", "the third");
  const { files } = new LocalCopies("u1", first.stored.id).recover(first.stored);
  expect(files).toEqual({ "a.py": "first", "a copy.py": "second", "b.py": "b" });
});

test("a copy that began with an older version meets the newer one as a conflict", async () => {
  const bench = new Bench();
  bench.away = true;
  bench.edit("a.py", "mine");
  bench.saver.keep();
  const reloaded = new Bench();
  reloaded.stored = { ...reloaded.stored };
  reloaded.theirs({ "a.py": "theirs" });
  reloaded.project = reloaded.copies.recover(reloaded.stored);
  await reloaded.saver.save();
  expect(reloaded.saver.state.get()).toMatchObject({ status: "conflict", paths: ["a.py"] });
});

test("an edit that is saved while its project is being left leaves no stale copy behind", async () => {
  const bench = new Bench();
  bench.edit("a.py", "mine");
  bench.leave();
  await jest.advanceTimersByTimeAsync(10);
  expect(bench.stored.files["a.py"]).toBe("mine");
  bench.theirs({ "a.py": "theirs" });
  expect(bench.copies.recover(bench.stored).files["a.py"]).toBe("theirs");
});

test("what was typed during the last save is kept, on top of what was saved", async () => {
  const bench = new Bench();
  let answer: () => void = () => undefined;
  bench.slow = new Promise((resolve) => (answer = resolve));
  bench.edit("a.py", "sent");
  void bench.saver.save();
  bench.edit("a.py", "sent, and more");
  bench.leave();
  answer();
  await jest.advanceTimersByTimeAsync(10);
  expect(bench.copies.recover(bench.stored)).toMatchObject({
    version: 2,
    base: { files: { "a.py": "sent" } },
    files: { "a.py": "sent, and more" },
  });
});

test("a tab that lives keeps its copy to itself", () => {
  const first = new Bench();
  first.edit("a.py", "first");
  first.saver.keep();
  const living = sessionStorage.getItem("byteme.tab") ?? "";
  sessionStorage.setItem("byteme.tab", "other");
  const copies = new LocalCopies("u1", first.stored.id);
  expect(copies.recover(first.stored, new Set([living])).files["a.py"]).toBe("a");
  expect(copies.recover(first.stored).files["a.py"]).toBe("first");
});
