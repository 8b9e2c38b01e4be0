import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router-dom";

import type { Run } from "../../api/types";
import { BarSlot } from "../../components/bar-slot";
import { makeProblem, makeRun } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { FakeSocket } from "../../testing/fake-socket";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import RunPage from "./run-page";
import SharedRunPage from "./shared-run-page";

const FILES = { entrypoint: "main.py", files: { "main.py": "print(1)\n" } };
const QUOTA = { memory_mb: 8192, disk_mb: 8192, timeout_s: 3600 };

function open(run: Run, socket: FakeSocket, path = `/runs/${run.id}`) {
  storeSession();
  serve({
    "GET /me": () => json({ id: "u1", email: "ana@example.org", role: "user", quota: QUOTA, usage: {} }),
    "GET /runs": () => json({ items: [], next: null }),
    "GET /runs/run1": () => json(run),
    "GET /runs/run2": () => json(makeRun({ id: "run2" })),
    "GET /runs/run1/events": () => json({ items: [], next: null }),
    "GET /runs/run2/events": () => json({ items: [], next: null }),
    "GET /runs/run1/files": () => json(FILES),
  });
  const services = makeServices(socket);
  renderWith(
    services,
    <BarSlot value={document.body}>
      <MemoryRouter initialEntries={[path]}>
        <Routes>
          <Route path="/runs/:runId" element={<RunPage />} />
          <Route path="/shared/:token" element={<SharedRunPage />} />
        </Routes>
      </MemoryRouter>
    </BarSlot>,
  );
  services.connection.open();
  act(() => socket.fire("connect"));
  return userEvent.setup();
}

const OUT_OF_MEMORY = makeRun({
  state: "failed",
  reason: "out_of_memory",
  message: "Memory limit 2048 MB reached.",
  args: ["--lr", "1"],
  project: "p1",
});

test("more memory is one button away, and the new run is then on the screen", async () => {
  const started = { run: makeRun({ id: "run2" }) };
  const socket = new FakeSocket({
    "run:submit": () => started,
    "run:watch": (payload) => ({
      run: (payload as { run_id: string }).run_id === "run2" ? started.run : OUT_OF_MEMORY,
    }),
  });
  const user = open(OUT_OF_MEMORY, socket);
  await user.click(await screen.findByRole("button", { name: "Raise memory to 4 GB and run again" }));
  await waitFor(() => expect(socket.payloadsOf("run:submit")).toHaveLength(1));
  expect(socket.payloadsOf("run:submit")[0]).toMatchObject({
    files: FILES.files,
    args: ["--lr", "1"],
    project: "p1",
    limits: { ...OUT_OF_MEMORY.limits, memory_mb: 4096 },
  });
  expect(await screen.findByRole("button", { name: "Stop" })).toBeVisible();
});

test("a run whose project is gone is run again without it", async () => {
  const gone = makeProblem(422, "Not valid.", [{ field: "project", message: "there is no such project" }]);
  const socket = new FakeSocket({
    "run:watch": () => ({ run: OUT_OF_MEMORY }),
    "run:submit": (payload) =>
      (payload as { project: string | null }).project ? { error: gone } : { run: makeRun({ id: "run2" }) },
  });
  const user = open(OUT_OF_MEMORY, socket);
  await user.click(await screen.findByRole("button", { name: "Re-run" }));
  await waitFor(() => expect(socket.payloadsOf("run:submit")).toHaveLength(2));
  expect(socket.payloadsOf("run:submit")[1]).toMatchObject({ project: null, files: FILES.files });
});

test("a run that is refused again says why", async () => {
  const refused = makeProblem(429, "Your quota is used up.");
  const socket = new FakeSocket({
    "run:watch": () => ({ run: OUT_OF_MEMORY }),
    "run:submit": () => ({ error: refused }),
  });
  const user = open(OUT_OF_MEMORY, socket);
  await user.click(await screen.findByRole("button", { name: "Re-run" }));
  expect(await screen.findByText("Your quota is used up.")).toBeVisible();
});

test("the code is the one that ran", async () => {
  const socket = new FakeSocket({ "run:watch": () => ({ run: OUT_OF_MEMORY }) });
  const user = open(OUT_OF_MEMORY, socket);
  await user.click(await screen.findByRole("tab", { name: "Code" }));
  expect(await screen.findByText("print(1)")).toBeVisible();
});

test("a link that was revoked says so, and whom to ask", async () => {
  open(OUT_OF_MEMORY, new FakeSocket(), "/shared/abc");
  expect(await screen.findByText(/This link leads nowhere/)).toBeVisible();
});

test("a page that cannot be read again stays, with what was typed, and says so", async () => {
  const socket = new FakeSocket({ "run:watch": () => ({ run: makeRun() }) });
  const user = open(makeRun(), socket);
  await user.type(await screen.findByLabelText("Note"), "Half a thought");
  serve({ "GET /runs/run1": () => json(makeProblem(500, "Something broke."), 500) });
  act(() => socket.fire("run:state", { run: OUT_OF_MEMORY }));
  expect(await screen.findByText("Something broke.")).toBeVisible();
  expect(screen.getByLabelText("Note")).toHaveValue("Half a thought");
});

/** A run behind a link, as the server has it at the moment; what is null fails. */
function share(shared: { run: Run | null; output: string | null; losses: number[] }) {
  storeSession();
  const broken = () => json(makeProblem(500, "Something broke."), 500);
  const requests = serve({
    "GET /shared/abc": () =>
      shared.run ? json({ ...shared.run, output: { bytes: 5, truncated: false } }) : broken(),
    "GET /shared/abc/output": () => (shared.output === null ? broken() : new Response(shared.output)),
    "GET /shared/abc/metrics": () =>
      json({ items: shared.losses.map((value, step) => ({ name: "loss", step, value })), next: null }),
    "GET /shared/abc/artifacts": () => json({ items: [], next: null }),
  });
  renderWith(
    makeServices(),
    <BarSlot value={document.body}>
      <MemoryRouter initialEntries={["/shared/abc"]}>
        <Routes>
          <Route path="/shared/:token" element={<SharedRunPage />} />
        </Routes>
      </MemoryRouter>
    </BarSlot>,
  );
  return { requests, user: userEvent.setup() };
}

test("a shared page outlives a failed poll, and goes on by itself", async () => {
  const shared: Parameters<typeof share>[0] = { run: makeRun(), output: "hello", losses: [] };
  share(shared);
  expect(await screen.findByText("main.py")).toBeVisible();
  shared.run = null;
  expect(await screen.findByText("Something broke.")).toBeVisible();
  expect(screen.getByText("main.py")).toBeVisible();
  shared.run = makeRun({ state: "succeeded" });
  expect(await screen.findByText("Succeeded")).toBeVisible();
  expect(screen.queryByText("Something broke.")).toBeNull();
});

test("output of a shared run that could not be read is read later, and the complaint goes", async () => {
  const shared: Parameters<typeof share>[0] = {
    run: makeRun({ state: "succeeded" }),
    output: null,
    losses: [],
  };
  const { requests } = share(shared);
  expect(await screen.findByText("Something broke.")).toBeVisible();
  shared.output = "hello";
  await waitFor(() => expect(screen.queryByText("Something broke.")).toBeNull());
  expect(requests.filter((request) => request.endsWith("/output"))).toHaveLength(2);
});

test("when a shared run ends, its metrics and files are asked for again", async () => {
  const shared: Parameters<typeof share>[0] = { run: makeRun(), output: "hello", losses: [] };
  const { requests, user } = share(shared);
  await user.click(await screen.findByRole("tab", { name: "Artifacts" }));
  const asked = (part: string) => requests.filter((request) => request.endsWith(part)).length;
  await waitFor(() => expect([asked("/metrics"), asked("/artifacts")]).toEqual([1, 1]));
  shared.run = makeRun({ state: "succeeded" });
  await waitFor(() => expect([asked("/metrics"), asked("/artifacts")]).toEqual([2, 2]));
});
