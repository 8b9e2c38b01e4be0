import { act, screen, waitFor } from "@testing-library/react";

import { makeProject, makeRun } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { FakeSocket } from "../testing/fake-socket";
import { open, openWorkspace, PAGES } from "../testing/open-app";
import { storeSession } from "../testing/render";

const PROGRAM = makeProject().files["main.py"];
const QUOTA = { cpus: 4, memory_mb: 8192, disk_mb: 8192, timeout_s: 3600 };

test("a run that ran out of memory is run again with more, and so are those after it", async () => {
  serve({ ...PAGES, "GET /me": () => json({ id: "u1", role: "user", quota: QUOTA, usage: {} }) });
  const failed = makeRun({
    project: "p1",
    state: "failed",
    reason: "out_of_memory",
    message: "Memory limit reached.",
  });
  const socket = new FakeSocket({
    "run:watch": (payload) => ({
      run: (payload as { run_id: string }).run_id === "run1" ? failed : makeRun({ id: "run2" }),
    }),
    "run:submit": () => ({ run: makeRun({ id: "run2" }) }),
  });
  const { user } = await openWorkspace("/w/p1?run=run1", socket);
  await user.type(screen.getByLabelText("Code editor"), "# mended{Control>}j{/Control}");
  await user.click(await screen.findByRole("button", { name: "Raise memory to 4 GB and run again" }));
  await waitFor(() => expect(window.location.search).toBe("?run=run2"));
  expect(socket.payloadsOf("run:submit")).toMatchObject([
    { project: "p1", files: { "main.py": `${PROGRAM}# mended` }, limits: { memory_mb: 4096 } },
  ]);
  expect(screen.getByRole("button", { name: /^Limits of a run:.*4 GiB/ })).toBeVisible();
});

test("code of a run that is edited is given what that run was given", async () => {
  storeSession();
  const ran = makeRun({
    state: "failed",
    args: ["--lr", "1"],
    env: { MODE: "fast" },
    secrets: ["KEY"],
    network: "egress",
    datasets: [{ id: "d1", name: "train.csv" }],
    limits: { ...makeRun().limits, cpus: 1, memory_mb: 512, timeout_s: 60 },
  });
  const project = makeProject({ id: "p2" });
  serve({
    ...PAGES,
    "GET /runs/run1": () => json(ran),
    "GET /runs/run1/events": () => json({ items: [], next: null }),
    "GET /runs/run1/files": () => json({ entrypoint: "main.py", files: project.files }),
    "POST /projects": () => json(project, 201),
    "GET /projects/p2": () => json(project),
  });
  const socket = new FakeSocket({
    "run:watch": () => ({ run: ran }),
    "run:submit": () => ({ run: makeRun({ id: "run2" }) }),
  });
  const { user } = open("/runs/run1", socket);
  act(() => socket.fire("connect"));
  await user.click(await screen.findByRole("button", { name: "Edit and run" }));
  await screen.findByLabelText("Code editor", undefined, { timeout: 40_000 });
  await user.click(screen.getByRole("button", { name: "Run" }));
  await waitFor(() => expect(socket.payloadsOf("run:submit")).toHaveLength(1));
  const { args, env, secrets, network, datasets } = ran;
  expect(socket.payloadsOf("run:submit")[0]).toMatchObject({
    project: "p2",
    ...{ args, env, secrets, network, datasets },
    image: "ml",
    limits: { cpus: 1, memory_mb: 512, disk_mb: 1024, timeout_s: 60 },
  });
});

test("whoever leaves while a run is being started is not fetched back", async () => {
  serve(PAGES);
  let answer: (run: unknown) => void = jest.fn();
  const socket = new FakeSocket({ "run:submit": () => new Promise((resolve) => (answer = resolve)) });
  const { user } = await openWorkspace("/", socket);
  await user.click(screen.getByRole("button", { name: "Run" }));
  await user.click(screen.getByRole("button", { name: "Go to" }));
  await user.click(await screen.findByRole("link", { name: "Runs" }));
  await screen.findByText("No runs yet");
  await act(async () => {
    answer({ run: makeRun() });
    await Promise.resolve();
  });
  await screen.findByText("No runs yet");
  expect([window.location.pathname, window.location.search]).toEqual(["/runs", ""]);
});

test("whoever leaves while a project is being made is not fetched back", async () => {
  let answer: (response: Response) => void = jest.fn();
  const requests = serve({
    ...PAGES,
    "POST /projects": () => new Promise<Response>((resolve) => (answer = resolve)),
  });
  storeSession();
  const { user } = open("/templates");
  await user.click(await screen.findByRole("button", { name: "Use template Hello" }));
  await waitFor(() => expect(requests).toContain("POST /projects"));
  await user.click(screen.getByRole("button", { name: "Go to" }));
  await user.click(await screen.findByRole("link", { name: "Runs" }));
  await screen.findByText("No runs yet");
  const before = requests.filter((request) => request === "GET /projects").length;
  answer(json(makeProject({ id: "p2" }), 201));
  // The list of projects is asked for again once there is a new one.
  await waitFor(() =>
    expect(requests.filter((request) => request === "GET /projects").length).toBeGreaterThan(before),
  );
  expect(window.location.pathname).toBe("/runs");
});

test("whoever leaves while a run's code is fetched is not fetched back", async () => {
  storeSession();
  const ran = makeRun({ state: "succeeded" });
  let answer: (response: Response) => void = jest.fn();
  const requests = serve({
    ...PAGES,
    "GET /runs/run1": () => json(ran),
    "GET /runs/run1/files": () => new Promise<Response>((resolve) => (answer = resolve)),
  });
  const socket = new FakeSocket({
    "run:watch": () => ({ run: ran }),
    "run:submit": () => ({ run: makeRun({ id: "run2" }) }),
  });
  const { user } = open("/runs/run1", socket);
  act(() => socket.fire("connect"));
  await user.click(await screen.findByRole("button", { name: "Re-run" }));
  await waitFor(() => expect(requests).toContain("GET /runs/run1/files"));
  await user.click(screen.getByRole("button", { name: "Go to" }));
  await user.click(await screen.findByRole("link", { name: "Datasets" }));
  await screen.findByText("Datasets", { selector: "h1" });
  answer(json({ entrypoint: "main.py", files: { "main.py": "1" } }));
  await waitFor(() => expect(socket.payloadsOf("run:submit")).toHaveLength(1));
  await act(() => Promise.resolve());
  expect(window.location.pathname).toBe("/datasets");
});

test("whoever goes to another project while a run's code is opened keeps that project's options and limits", async () => {
  storeSession();
  const ran = makeRun({
    state: "succeeded",
    args: ["--lr", "1"],
    datasets: [{ id: "d1", name: "train.csv" }],
    limits: { ...makeRun().limits, memory_mb: 512 },
  });
  let answer: (response: Response) => void = jest.fn();
  const requests = serve({
    ...PAGES,
    "GET /runs/run1": () => json(ran),
    "GET /runs/run1/events": () => json({ items: [], next: null }),
    "GET /runs/run1/files": () => json({ entrypoint: "main.py", files: { "main.py": "1" } }),
    "POST /projects": () => new Promise<Response>((resolve) => (answer = resolve)),
  });
  const socket = new FakeSocket({
    "run:watch": () => ({ run: ran }),
    "run:submit": () => ({ run: makeRun({ id: "run2" }) }),
  });
  const { user } = open("/runs/run1", socket);
  act(() => socket.fire("connect"));
  await user.click(await screen.findByRole("button", { name: "Edit and run" }));
  await waitFor(() => expect(requests).toContain("POST /projects"));
  await user.click(screen.getByRole("button", { name: "Go to" }));
  await user.click(await screen.findByRole("link", { name: "Workspace" }));
  await screen.findByLabelText("Code editor", undefined, { timeout: 40_000 });
  expect(window.location.pathname).toBe("/w/p1");
  answer(json(makeProject({ id: "p2" }), 201));
  // The new project's data wait for it.
  await waitFor(() => expect(localStorage.getItem("byteme.mounts.p2")).toContain("train.csv"));
  await user.click(screen.getByRole("button", { name: "Run" }));
  await waitFor(() => expect(socket.payloadsOf("run:submit")).toHaveLength(1));
  const [sent] = socket.payloadsOf("run:submit");
  expect(sent).toMatchObject({ project: "p1", limits: { memory_mb: 2048 } });
  expect(sent).not.toHaveProperty("args");
});

test("only what a run was short of is raised, where a run can be started", async () => {
  serve({ ...PAGES, "GET /me": () => json({ id: "u1", role: "user", quota: QUOTA, usage: {} }) });
  const short = { state: "failed", reason: "out_of_memory", message: "Memory limit reached." } as const;
  const limits = { ...makeRun().limits, cpus: 1, timeout_s: 60 };
  const socket = new FakeSocket({
    "run:watch": () => ({ run: makeRun({ ...short, project: "p1", limits }) }),
    "run:submit": () => ({ run: makeRun({ id: "run2", project: "p1" }) }),
  });
  const { user } = await openWorkspace("/w/p1?run=run1", socket);
  await user.type(screen.getByLabelText("Code editor"), "{Control>}j{/Control}");
  const offer = { name: "Raise memory to 4 GB and run again" };
  act(() => socket.fire("disconnect", "transport close"));
  expect(await screen.findByRole("button", offer)).toBeDisabled();
  act(() => socket.fire("connect"));
  await waitFor(() => expect(screen.getByRole("button", offer)).toBeEnabled());
  await user.click(screen.getByRole("button", offer));
  await waitFor(() => expect(socket.payloadsOf("run:submit")).toHaveLength(1));
  expect(socket.payloadsOf("run:submit")[0]).toMatchObject({
    limits: { cpus: 2, memory_mb: 4096, timeout_s: 600 },
  });
});

test("a run of another project is not run again as one of this", async () => {
  serve({ ...PAGES, "GET /me": () => json({ id: "u1", role: "user", quota: QUOTA, usage: {} }) });
  const run = makeRun({ state: "failed", reason: "out_of_memory", message: "Too much.", project: "p9" });
  const socket = new FakeSocket({ "run:watch": () => ({ run }) });
  const { user } = await openWorkspace("/w/p1?run=run1", socket);
  await user.type(screen.getByLabelText("Code editor"), "{Control>}j{/Control}");
  expect(await screen.findByRole("button", { name: "Change limits" })).toBeVisible();
  await act(() => Promise.resolve());
  expect(screen.queryByRole("button", { name: /run again/ })).toBeNull();
});
