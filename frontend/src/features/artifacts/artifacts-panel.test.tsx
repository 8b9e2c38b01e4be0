import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makeArtifact, makeProblem, makeRun } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { artifactPath } from "./artifact-path";
import { ArtifactsPanel } from "./artifacts-panel";

const LIST = "GET /runs/run1/artifacts";

function show(run = makeRun({ state: "succeeded", artifacts: { count: 1, bytes: 2048, skipped: [] } })) {
  storeSession();
  renderWith(makeServices(), <ArtifactsPanel run={run} />);
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
  expect(screen.queryByRole("button", { name: "All as zip" })).toBeNull();
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
  expect(artifactPath("r", "a b/ü?#.txt")).toBe("/runs/r/artifacts/a%20b/%C3%BC%3F%23.txt");
});
