import { act, fireEvent, screen, waitFor } from "@testing-library/react";

import { makePair, makeProblem, makeProject, makeRun } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { FakeSocket } from "../testing/fake-socket";
import { open, openWorkspace, PAGES } from "../testing/open-app";
import { storeSession } from "../testing/render";

test("whoever is not signed in is asked to, and then comes where they wanted", async () => {
  serve({ ...PAGES, "POST /auth/login": () => json(makePair()) });
  const { user } = open("/?run=run1");
  await user.type(await screen.findByLabelText("Email"), "ana@example.org");
  await user.type(screen.getByLabelText("Password"), "correct horse");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(window.location.search).toBe("?run=run1"));
});

test("a session that ends is renewed in a dialog, and what was typed is still there", async () => {
  serve({
    ...PAGES,
    "POST /auth/refresh": () => json(makeProblem(401, "Over."), 401),
    "POST /auth/login": () => json(makePair()),
  });
  const { session, user } = await openWorkspace();
  await user.type(screen.getByLabelText("Code editor"), "# precious");
  await act(() => session.renew().catch(() => undefined));
  const dialog = await screen.findByRole("dialog", { name: "Your session has ended" });
  expect(screen.getByLabelText("Email")).toHaveValue("ana@example.org");
  await user.type(screen.getByLabelText("Password"), "correct horse");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(dialog).not.toBeVisible());
  expect(screen.getByLabelText<HTMLTextAreaElement>("Code editor").value).toContain("# precious");
});

test("a template can be opened, and undone", async () => {
  serve(PAGES);
  const { user } = await openWorkspace();
  const before = screen.getByLabelText<HTMLTextAreaElement>("Code editor").value;
  await user.click(screen.getByRole("button", { name: /^Start from a template/ }));
  await user.click(await screen.findByRole("button", { name: /^Hello/ }));
  expect(screen.getByLabelText("Code editor")).toHaveValue("print('hello')\n");
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(screen.getByLabelText("Code editor")).toHaveValue(before);
});

test("a double press of Run makes one run, which is then on the screen", async () => {
  serve(PAGES);
  const socket = new FakeSocket({ "run:submit": () => ({ run: makeRun() }) });
  const { user } = await openWorkspace("/", socket);
  const editor = screen.getByLabelText("Code editor");
  await user.type(editor, "{Control>}{Enter}{Enter}{/Control}");
  expect(await screen.findByRole("button", { name: "Stop" })).toBeEnabled();
  expect(socket.payloadsOf("run:submit")).toHaveLength(1);
  expect(window.location.search).toBe("?run=run1");
});

test("what is sent is every file as on the screen, whose project it is, and the chosen limits", async () => {
  serve(PAGES);
  const socket = new FakeSocket({ "run:submit": () => ({ run: makeRun() }) });
  const { user } = await openWorkspace("/", socket);
  await user.type(screen.getByLabelText("Code editor"), "# now");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(socket.payloadsOf("run:submit")).toEqual([
    {
      project: "p1",
      files: { "main.py": 'print("Hello from ByteMe")\n# now' },
      entrypoint: "main.py",
      limits: { cpus: 2, memory_mb: 2048, timeout_s: 600 },
    },
  ]);
});

test("arguments and environment go along with the runs that follow", async () => {
  serve(PAGES);
  const socket = new FakeSocket({ "run:submit": () => ({ run: makeRun() }) });
  const { user } = await openWorkspace("/", socket);
  await user.keyboard("{Control>}{Shift>}{Enter}{/Shift}{/Control}");
  await user.type(await screen.findByLabelText("Arguments"), "--epochs 3");
  await user.click(screen.getByRole("button", { name: "Save and run" }));
  expect(await screen.findByRole("button", { name: "Given to runs: 2 arguments" })).toBeVisible();
  expect(socket.payloadsOf("run:submit")).toMatchObject([{ args: ["--epochs", "3"] }]);
});

test("without a project the first one is made, from the draft in this browser if there is one", async () => {
  localStorage.setItem(
    "byteme.draft.u1",
    JSON.stringify({ files: { "old.py": "old" }, entrypoint: "old.py" }),
  );
  const made: unknown[] = [];
  const answer = makeProject({ files: { "old.py": "old" }, entrypoint: "old.py" });
  serve({
    ...PAGES,
    "GET /projects": () => json({ items: [], next: null }),
    "POST /projects": async (request) => {
      made.push(await request.json());
      return json(answer, 201);
    },
    "GET /projects/p1": () => json(answer),
  });
  await openWorkspace("/");
  expect(screen.getByLabelText("Code editor")).toHaveValue("old");
  expect(made).toEqual([{ name: "Untitled", files: { "old.py": "old" }, entrypoint: "old.py" }]);
  expect(window.location.pathname).toBe("/w/p1");
});

test("an address of no project says so, and leads to another one", async () => {
  serve({ ...PAGES, "GET /projects/gone": () => json(makeProblem(404, "Not found."), 404) });
  storeSession();
  open("/w/gone");
  expect(await screen.findByText("There is no such project")).toBeVisible();
  expect(screen.getByRole("link", { name: "Open another project" })).toHaveAttribute("href", "/");
});

test("a version that was saved elsewhere meanwhile is offered, and taken when chosen", async () => {
  const theirs = makeProject({ files: { "main.py": "theirs" }, version: 7 });
  let stored = makeProject();
  serve({
    ...PAGES,
    "GET /projects/p1": () => json(stored),
    "PATCH /projects/p1": () => json(makeProblem(412, "Outdated."), 412),
  });
  const { user } = await openWorkspace();
  await user.type(screen.getByLabelText("Code editor"), "# mine");
  stored = theirs;
  await user.keyboard("{Control>}s{/Control}");
  const dialog = await screen.findByRole("dialog", { name: "Changed here and elsewhere" });
  await user.click(screen.getByRole("button", { name: "Reload theirs" }));
  await waitFor(() => expect(dialog).not.toBeVisible());
  expect(screen.getByLabelText("Code editor")).toHaveValue("theirs");
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(screen.getByLabelText<HTMLTextAreaElement>("Code editor").value).toContain("# mine");
});

test("the palette does by name what the keys do", async () => {
  serve(PAGES);
  const { user } = await openWorkspace();
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByRole("combobox", { name: "Command palette" }), "new file{Enter}");
  expect(await screen.findByRole("dialog", { name: "New file" })).toBeVisible();
});

test("the list of keys is a key away, and no plain character is one", async () => {
  serve(PAGES);
  const { user } = await openWorkspace();
  await user.keyboard("?");
  expect(screen.queryByRole("dialog")).toBeNull();
  await user.keyboard("{Control>}/{/Control}");
  expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toHaveTextContent("Ctrl+/");
});

test("a refused run says why and can be tried again", async () => {
  serve(PAGES);
  const errors = [{ field: "limits.cpus", message: "2 is above your quota of 1" }];
  const socket = new FakeSocket({ "run:submit": () => ({ error: makeProblem(422, "Not valid.", errors) }) });
  const { user } = await openWorkspace("/", socket);
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText("limits.cpus: 2 is above your quota of 1")).toBeVisible();
  expect(screen.getByRole("button", { name: "Run" })).toBeEnabled();
});

test("Stop cancels, and the ending is announced", async () => {
  serve(PAGES);
  const socket = new FakeSocket({
    "run:watch": () => ({ run: makeRun() }),
    "run:cancel": () => ({ run: makeRun() }),
  });
  const { user } = await openWorkspace("/?run=run1", socket);
  await user.click(await screen.findByRole("button", { name: "Stop" }));
  expect(screen.getByRole("button", { name: "Stopping" })).toBeDisabled();
  expect(socket.payloadsOf("run:cancel")).toEqual([{ run_id: "run1" }]);
  act(() => socket.fire("run:state", { run: makeRun({ state: "cancelled", message: "Cancelled." }) }));
  await waitFor(() => expect(screen.getByRole("status", { name: "Run" })).toHaveTextContent("Cancelled"));
});

test("without a connection Run waits, and edits go on", async () => {
  serve(PAGES);
  const { socket, user } = await openWorkspace();
  act(() => socket.fire("disconnect"));
  expect(screen.getByRole("button", { name: "Run" })).toBeDisabled();
  await user.type(screen.getByLabelText("Code editor"), "# offline");
  expect(screen.getByLabelText<HTMLTextAreaElement>("Code editor").value).toContain("# offline");
});

test("a connection that was lost is said to be back, for a moment", async () => {
  serve(PAGES);
  const { socket } = await openWorkspace();
  // There before its words come, as screen readers need it.
  const region = screen.getByRole("status", { name: "Connection" });
  expect(region).toBeEmptyDOMElement();
  act(() => socket.fire("disconnect"));
  await waitFor(() => expect(region).toHaveTextContent(/Connection lost/));
  act(() => socket.fire("connect"));
  await waitFor(() => expect(region).toHaveTextContent("Back online"));
  await waitFor(() => expect(screen.queryByText("Back online")).toBeNull());
});

test("what operators tell everybody stands over every page", async () => {
  serve({
    ...PAGES,
    "GET /notice": () => json({ text: "Back at noon.", draining: true, updated_at: "2026-01-01T00:00:00Z" }),
  });
  await openWorkspace();
  expect(await screen.findByText(/new runs wait in the queue.*Back at noon\./)).toBeVisible();
});

test("an address that is none leads on", async () => {
  storeSession();
  serve(PAGES);
  open("/nowhere");
  expect(await screen.findByRole("link", { name: "Go to the workspace" })).toHaveAttribute("href", "/");
  expect(document.title).toBe("Not found · ByteMe");
});

test("whoever is no operator sees none of their pages, and asks for nothing", async () => {
  storeSession();
  const requests = serve(PAGES);
  open("/admin/users");
  expect(await screen.findByRole("heading", { name: "For operators" })).toBeVisible();
  expect(requests).not.toContain("GET /users");
});

test("a template from the gallery is a project of its own in the workspace", async () => {
  storeSession();
  const made: unknown[] = [];
  const answer = makeProject({ id: "p2", name: "Hello", files: { "main.py": "print('hello')\n" } });
  serve({
    ...PAGES,
    "POST /projects": async (request) => {
      made.push(await request.json());
      return json(answer, 201);
    },
    "GET /projects/p2": () => json(answer),
  });
  const { user } = open("/templates");
  await user.click(await screen.findByRole("button", { name: "Use template Hello" }));
  expect(await screen.findByLabelText("Code editor")).toHaveValue("print('hello')\n");
  expect(made).toEqual([{ name: "Hello", files: { "main.py": "print('hello')\n" }, entrypoint: "main.py" }]);
  expect(window.location.pathname).toBe("/w/p2");
});

test("signing out leads to the sign-in page and leaves no token behind", async () => {
  const requests = serve({ ...PAGES, "POST /auth/logout": () => json(null, 204) });
  const { user } = await openWorkspace();
  await user.click(screen.getByRole("button", { name: "Account and appearance" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByRole("tab", { name: "Register" })).toBeVisible();
  expect(requests).toContain("POST /auth/logout");
  expect(localStorage.getItem("byteme.refresh-token")).toBeNull();
});

test("what was typed last is saved before the session is ended", async () => {
  const sent: string[] = [];
  const requests = serve({
    ...PAGES,
    "PATCH /projects/p1": async (request) => {
      sent.push(await request.text());
      return json(makeProject({ version: 2 }));
    },
    "POST /auth/logout": () => json(null, 204),
  });
  const { user } = await openWorkspace();
  const editor = screen.getByLabelText("Code editor");
  await user.click(screen.getByRole("button", { name: "Account and appearance" }));
  const item = await screen.findByRole("menuitem", { name: "Sign out" });
  fireEvent.change(editor, { target: { value: "# last words" } });
  fireEvent.click(item);
  await screen.findByRole("tab", { name: "Register" });
  await waitFor(() => expect(requests).toContain("POST /auth/logout"));
  expect(sent.at(-1)).toContain("# last words");
  expect(requests.indexOf("PATCH /projects/p1")).toBeLessThan(requests.indexOf("POST /auth/logout"));
});
