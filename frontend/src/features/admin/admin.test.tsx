import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SnackbarProvider } from "notistack";

import { makeProblem } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import type { Account, Setting } from "./admin-api";
import { AuditTab } from "./audit-tab";
import { QueueTab } from "./queue-tab";
import { changesBetween, overridesFrom, typedFrom } from "./quota-form";
import { UsersTab } from "./users-tab";
import { filterFrom, formatRate, formatWait, valueOf } from "./words";

const QUOTA: Account["quota"] = {
  cpus: 2,
  memory_mb: 4096,
  disk_mb: 1024,
  pids: 256,
  timeout_s: 600,
  gpus: 0,
  output_mb: 64,
  artifact_mb: 1024,
  artifact_count: 1000,
  parallel_runs: 4,
  queued_runs: 100,
  runs_per_day: 1000,
  cpu_s_per_day: 7200,
  storage_mb: 10240,
  weight: 1,
  egress: [],
  images: [],
};
const ANA: Account = {
  id: "u1",
  email: "ana@example.org",
  role: "user",
  disabled: false,
  quota: QUOTA,
  overrides: { memory_mb: 4096 },
  usage: {
    queued_runs: 0,
    running_runs: 1,
    storage_mb: 12,
    runs_today: 3,
    cpu_s_today: 61,
    day_ends_at: "2026-01-02T00:00:00Z",
  },
  created_at: "2026-01-01T00:00:00Z",
};
const list = (...items: unknown[]) => json({ items, next: null });

function show(ui: React.JSX.Element) {
  storeSession();
  renderWith(makeServices(), <SnackbarProvider>{ui}</SnackbarProvider>);
  return userEvent.setup();
}

test("a user is disabled after a question that says what that does", async () => {
  let sent: unknown;
  serve({
    "GET /users": () => list({ ...ANA, disabled: sent !== undefined }),
    "PATCH /users/u1": async (request) => {
      sent = await request.json();
      return json({ ...ANA, disabled: true });
    },
  });
  const user = show(<UsersTab />);
  await user.click(await screen.findByRole("button", { name: "Disable ana@example.org" }));
  const dialog = screen.getByRole("dialog", { name: "Disable this account?" });
  expect(dialog).toHaveTextContent("API keys open nothing");
  expect(sent).toBeUndefined();
  await user.click(within(dialog).getByRole("button", { name: "Disable" }));
  expect(await screen.findByText("Disabled")).toBeVisible();
  expect(sent).toEqual({ disabled: true });
});

test("a refusal stays in the dialog", async () => {
  serve({
    "GET /users": () => list(ANA),
    "PATCH /users/u1": () => json(makeProblem(409, "There must be an operator left."), 409),
  });
  const user = show(<UsersTab />);
  await user.click(await screen.findByRole("button", { name: "Disable ana@example.org" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Disable" }));
  expect(await screen.findByText("There must be an operator left.")).toBeVisible();
});

test("a quota shows where it comes from; an override is made and another reset", async () => {
  let sent: unknown;
  serve({
    "GET /users": () => list(ANA),
    "PATCH /users/u1": async (request) => {
      sent = await request.json();
      return json(ANA);
    },
  });
  const user = show(<UsersTab />);
  await user.click(await screen.findByRole("button", { name: "Edit ana@example.org" }));
  expect(screen.getByLabelText("Memory of a run, MiB")).toHaveAccessibleDescription("Override");
  expect(screen.getByLabelText("CPUs of a run")).toHaveAccessibleDescription("The platform's");
  await user.click(screen.getByRole("button", { name: "Reset Memory of a run, MiB" }));
  await user.clear(screen.getByLabelText("CPUs of a run"));
  await user.type(screen.getByLabelText("CPUs of a run"), "1.5");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const dialog = screen.getByRole("dialog", { name: "Change this account?" });
  expect(dialog).toHaveTextContent("CPUs of a run: 1.5");
  expect(dialog).toHaveTextContent("Memory of a run, MiB: the platform's");
  await user.click(within(dialog).getByRole("button", { name: "Change" }));
  await waitFor(() => expect(sent).toEqual({ quota: { cpus: 1.5 } }));
  expect(await screen.findByText("ana@example.org is changed")).toBeVisible();
});

test("what is typed becomes overrides, or is named as no number", () => {
  const typed = typedFrom({ cpus: 1, egress: ["example.org", ".example.net"] });
  expect(typed).toEqual({ cpus: "1", egress: "example.org, .example.net" });
  expect(overridesFrom({ ...typed, memory_mb: "much" })).toEqual({
    overrides: { cpus: 1, egress: ["example.org", ".example.net"] },
    wrong: { memory_mb: "Enter a number" },
  });
  expect(changesBetween({ cpus: "1" }, { cpus: "1" })).toEqual([]);
});

test("the queue says why a run waits; one is cancelled after a question", async () => {
  const run = {
    id: "0123456789abcdef",
    owner_id: "u1",
    owner_email: "ana@example.org",
    state: "queued",
    limits: { cpus: 2, memory_mb: 512, disk_mb: 1, pids: 1, timeout_s: 600, gpus: 0 },
    network: "egress",
    created_at: "2026-01-01T00:00:00Z",
    position: 1,
    wait_s: null,
    why: "All 2 slots are busy.",
  };
  const requests = serve({
    "GET /notice": () => json({ text: "", draining: false, updated_at: null }),
    "GET /queue": () => json({ items: [run], next: null, queued: 1, running: [], slots: 2 }),
    "POST /queue/0123456789abcdef/cancel": () => json(null, 204),
  });
  const user = show(<QueueTab />);
  expect(await screen.findByText("All 2 slots are busy.")).toBeVisible();
  expect(screen.getByText("2 CPUs · 512 MiB · network")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Cancel 89abcdef of ana@example.org" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "End run" }));
  await waitFor(() => expect(requests).toContain("POST /queue/0123456789abcdef/cancel"));
});

test("letting no run start is confirmed with what that does", async () => {
  let sent: unknown;
  serve({
    "GET /notice": () => json({ text: "", draining: false, updated_at: null }),
    "GET /queue": () => json({ items: [], next: null, queued: 0, running: [], slots: 2 }),
    "PATCH /notice": async (request) => {
      sent = await request.json();
      return json({ text: "", draining: true, updated_at: "2026-01-01T00:00:00Z" });
    },
  });
  const user = show(<QueueTab />);
  await user.click(await screen.findByRole("switch", { name: "Runs start" }));
  await user.click(screen.getByRole("button", { name: "Apply" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog).toHaveTextContent("new runs wait in the queue, and none starts");
  await user.click(within(dialog).getByRole("button", { name: "Apply" }));
  await waitFor(() => expect(sent).toEqual({ text: "", draining: true }));
});

test("the audit trail is filtered, and downloaded as it is filtered", async () => {
  const asked: string[] = [];
  const saved = jest.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  const answer = (request: Request, body: Response): Response => {
    asked.push(new URL(request.url).search);
    return body;
  };
  serve({
    "GET /audit": (request) => answer(request, list()),
    "GET /audit.csv": (request) => answer(request, new Response("time\r\n")),
  });
  const user = show(<AuditTab />);
  await user.type(screen.getByLabelText("Who"), " ana@example.org ");
  await user.click(screen.getByRole("button", { name: "Filter" }));
  expect(await screen.findByText("Nothing like that was done.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Download CSV" }));
  await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
  expect(asked.at(-1)).toBe("?actor=ana%40example.org");
  expect(asked).toContain("?actor=ana%40example.org&limit=50");
});

test("a download that fails says why, and by what the server's log finds it", async () => {
  serve({
    "GET /audit": () => list(),
    "GET /audit.csv": () =>
      json(makeProblem(500, "Something went wrong."), 500, { "X-Request-ID": "abc123" }),
  });
  const user = show(<AuditTab />);
  await user.click(await screen.findByRole("button", { name: "Download CSV" }));
  await user.click(await screen.findByRole("button", { name: "Details" }));
  expect(await screen.findByText("Something went wrong. Status 500, request abc123.")).toBeVisible();
});

test("a time without a zone is the reader's own", () => {
  const typed = { actor: "", verb: " run. ", thing: "", since: "2026-01-01T00:00", until: "" };
  expect(filterFrom(typed)).toEqual({
    actor: "",
    verb: "run.",
    thing: "",
    since: new Date("2026-01-01T00:00").toISOString(),
    until: "",
  });
});

test("numbers and settings in words", () => {
  expect([formatWait(null), formatWait(0.42), formatWait(42.2), formatWait(120)]).toEqual([
    "–",
    "0.4 s",
    "42 s",
    "2 min",
  ]);
  expect([formatRate(0, 0), formatRate(1, 4), formatRate(1, 200)]).toEqual(["–", "25 %", "0.5 %"]);
  const setting: Setting = {
    name: "X",
    description: "",
    default: null,
    secret: false,
    is_set: true,
    value: ["a", 1],
  };
  expect(valueOf(setting)).toBe('[ "a", 1 ]');
  expect(valueOf({ ...setting, secret: true, value: null })).toBe("(set, not shown)");
  expect(valueOf({ ...setting, value: null })).toBe("(not set)");
});
