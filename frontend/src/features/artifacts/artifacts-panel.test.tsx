import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makeArtifact, makeProblem, makeRun } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { artifactPath, previewKind } from "./artifact-path";
import { ArtifactsPanel } from "./artifacts-panel";

const LIST = "GET /runs/run1/artifacts";

function show(run = makeRun({ state: "succeeded", artifacts: { count: 1, bytes: 2048, skipped: [] } })) {
  storeSession();
  renderWith(makeServices(), <ArtifactsPanel base="/runs/run1" artifacts={run.artifacts} />);
}

test("each artifact stands there with its size and checksum", async () => {
  serve({ [LIST]: () => json({ items: [makeArtifact({ path: "plots/loss.png" })], next: null }) });
  show();
  expect(await screen.findByText("plots/loss.png")).toBeVisible();
  expect(screen.getByRole("listitem")).toHaveTextContent("2.0 KiB · sha256 abababababab");
});

test("a download is a plain link that a ticket has signed", async () => {
  const saved: string[] = [];
  jest.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.getAttribute("href") ?? "", this.download);
  });
  const asked: unknown[] = [];
  serve({
    [LIST]: () => json({ items: [makeArtifact({ path: "plots/a b.png" })], next: null }),
    "POST /tickets": async (request) => {
      asked.push(await request.json());
      return json({ url: "/signed?ticket=t", expires_in: 60 }, 201);
    },
  });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Download plots/a b.png" }));
  await waitFor(() => expect(saved).toEqual(["/signed?ticket=t", "a b.png"]));
  expect(asked).toEqual([{ path: "/api/v1/runs/run1/artifacts/plots/a%20b.png" }]);
});

test("a download that is refused says why", async () => {
  serve({
    [LIST]: () => json({ items: [makeArtifact()], next: null }),
    "POST /tickets": () => json(makeProblem(429, "Too many tickets."), 429),
  });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Download model.pt" }));
  expect(await screen.findByText("Too many tickets.")).toBeVisible();
});

test("a run without artifacts says how to leave some", async () => {
  serve({ [LIST]: () => json({ items: [], next: null }) });
  show(makeRun({ state: "succeeded" }));
  expect(await screen.findByText(/outputs\//)).toBeVisible();
  expect(screen.queryByRole("button", { name: "Download all" })).toBeNull();
});

test("what was left out is named with its reason", async () => {
  serve({ [LIST]: () => json({ items: [], next: null }) });
  const skipped = [{ path: "link", why: "not a regular file" }];
  show(makeRun({ state: "failed", artifacts: { count: 0, bytes: 0, skipped } }));
  expect(await screen.findByText("link: not a regular file")).toBeVisible();
});

test("a list that cannot be had says so", async () => {
  serve({ [LIST]: () => json(makeProblem(500, "The store is away."), 500) });
  show();
  expect(await screen.findByText("The store is away.")).toBeVisible();
});

test("names are escaped part by part", () => {
  expect(artifactPath("/runs/r", "a b/ü?#.txt")).toBe("/runs/r/artifacts/a%20b/%C3%BC%3F%23.txt");
});

function collectSaved(): string[] {
  const saved: string[] = [];
  jest.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.getAttribute("href") ?? "");
  });
  return saved;
}

test("the selected ones come as one zip, and so do all", async () => {
  const saved = collectSaved();
  const items = ["a.txt", "b & c.txt", "d.txt"].map((path) => makeArtifact({ path }));
  serve({
    [LIST]: () => json({ items, next: null }),
    "POST /tickets": () => json({ url: "/signed.zip?ticket=t", expires_in: 60 }, 201),
  });
  show();
  await userEvent.click(await screen.findByRole("checkbox", { name: "Select a.txt" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Select b & c.txt" }));
  await userEvent.click(screen.getByRole("button", { name: "Download selected (2)" }));
  await waitFor(() => expect(saved).toEqual(["/signed.zip?ticket=t&path=a.txt&path=b%20%26%20c.txt"]));
  await userEvent.click(screen.getByRole("button", { name: "Download all" }));
  await waitFor(() => expect(saved[1]).toBe("/signed.zip?ticket=t"));
});

/** Serves one artifact's bytes as the server does, by range, and opens its preview. */
async function preview(path: string, text: string) {
  const bytes = new TextEncoder().encode(text);
  const artifact = makeArtifact({ path, bytes: bytes.length });
  serve({
    [LIST]: () => json({ items: [artifact], next: null }),
    [`GET /runs/run1/artifacts/${path}`]: (request) => {
      const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.get("Range") ?? "") ?? [];
      const headers = { "Content-Range": `bytes ${start}-${end}/${bytes.length}` };
      return new Response(bytes.slice(Number(start), Number(end) + 1), { status: 206, headers });
    },
  });
  show();
  await userEvent.click(await screen.findByRole("button", { name: `Preview ${path}` }));
  return screen.findByRole("dialog", { name: path });
}

test("JSON is set out in lines", async () => {
  const dialog = await preview("report.json", '{"accuracy":0.9}');
  await waitFor(() => expect(dialog).toHaveTextContent('{ "accuracy": 0.9 }'));
});

test("a table is shown as one", async () => {
  await preview("rows.csv", "name,score\nana,1\n");
  const table = await screen.findByRole("table", { name: "rows.csv" });
  expect(table).toHaveTextContent("name");
  expect(screen.getByRole("cell", { name: "ana" })).toBeVisible();
});

test("an image is drawn from bytes, never from an address of ours", async () => {
  await preview("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
  expect(await screen.findByRole("img", { name: "drawing.svg" })).toHaveAttribute("src", "blob:test");
});

test("text is text, whatever stands in it", async () => {
  const dialog = await preview("page.html", "<b>bold</b>");
  await waitFor(() => expect(dialog).toHaveTextContent("<b>bold</b>"));
});

test("a model that is none says so", async () => {
  await preview("model.safetensors", "no");
  expect(await screen.findByRole("alert")).toHaveTextContent("too short");
});

test.each([
  ["plots/Loss.PNG", "image"],
  ["model.onnx", "onnx"],
  ["model.safetensors", "safetensors"],
  ["notes.md", "text"],
  ["model.pt", null],
])("%s is looked at as %s", (path, kind) => {
  expect(previewKind(makeArtifact({ path }))).toBe(kind);
});
