import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { Connection } from "../api/connection";
import { Session } from "../api/session";
import { makePair, makeProblem, makeRun, makeTemplate } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { FakeSocket } from "../testing/fake-socket";
import { storeSession } from "../testing/render";
import { App } from "./app";

const PAGES = {
  "GET /me": () => json({ id: "u1", email: "ana@example.org", role: "user", quota: {}, usage: {} }),
  "GET /runs": () => json({ items: [], next: null }),
  "GET /templates": () => json({ items: [makeTemplate()], next: null }),
  "GET /runs/run1/artifacts": () => json({ items: [], next: null }),
};

function open(path: string, socket = new FakeSocket()) {
  window.history.replaceState(null, "", path);
  const session = new Session();
  const connection = new Connection(session, () => socket.asSocket());
  render(<App services={{ session, connection }} />);
  return { socket, session, user: userEvent.setup() };
}

async function openWorkspace(path = "/", socket = new FakeSocket()) {
  storeSession();
  const opened = open(path, socket);
  await screen.findByLabelText("Code editor", undefined, { timeout: 40_000 });
  act(() => socket.fire("connect"));
  return opened;
}

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

test("what is sent is every file, the entry point and the chosen limits", async () => {
  serve(PAGES);
  const socket = new FakeSocket({ "run:submit": () => ({ run: makeRun() }) });
  const { user } = await openWorkspace("/", socket);
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(socket.payloadsOf("run:submit")).toEqual([
    {
      files: { "main.py": 'print("Hello from ByteMe")\n' },
      datasets: [],
      entrypoint: "main.py",
      limits: { cpus: 2, memory_mb: 2048, timeout_s: 600 },
    },
  ]);
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
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("Cancelled"));
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
  act(() => socket.fire("disconnect"));
  expect(await screen.findByText(/Connection lost/)).toBeVisible();
  act(() => socket.fire("connect"));
  expect(await screen.findByText("Back online")).toBeVisible();
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

test("a template from the gallery is in the workspace, ready to run, and undone", async () => {
  storeSession();
  serve(PAGES);
  const { user } = open("/templates");
  await user.click(await screen.findByRole("button", { name: "Use template Hello" }));
  expect(await screen.findByLabelText("Code editor")).toHaveValue("print('hello')\n");
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(screen.getByLabelText("Code editor")).toHaveValue('print("Hello from ByteMe")\n');
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
