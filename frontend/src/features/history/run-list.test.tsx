import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SnackbarProvider } from "notistack";
import { MemoryRouter } from "react-router-dom";

import type { RunFilter } from "../../api/results-api";
import type { Run } from "../../api/types";
import { makeRun } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { durationOf, metricsText } from "./run-facts";
import { changed, filterFrom, searchOf } from "./run-filter";
import { RunList } from "./run-list";

const ENDED = { state: "succeeded", finished_at: "2026-01-01T00:00:03.500Z" } as const;

function show(runs: Run[], filter: RunFilter = {}) {
  storeSession();
  const asked: unknown[] = [];
  const requests = serve({
    "GET /runs": () => json({ items: runs, next: null }),
    "GET /projects": () => json({ items: [{ id: "p1", name: "digits" }], next: null }),
    "PATCH /runs/run1": async (request) => {
      asked.push(await request.json());
      return json({ ...(runs[0] as Run), starred: true });
    },
    "DELETE /runs/run1": () => json(null, 204),
  });
  const onFilter = jest.fn();
  const onCompare = jest.fn();
  const onEdit = jest.fn();
  const { unmount } = renderWith(
    makeServices(),
    <MemoryRouter>
      <SnackbarProvider>
        <RunList
          filter={filter}
          onFilter={onFilter}
          statusOf={(run) => run.state}
          onCompare={onCompare}
          onEdit={onEdit}
        />
      </SnackbarProvider>
    </MemoryRouter>,
  );
  return { requests, asked, onFilter, onCompare, onEdit, unmount, user: userEvent.setup() };
}

const select = (id: string) => screen.findByRole("checkbox", { name: `Select main.py ${id}` });

test("a run stands there with its project, time, last metrics, tags and note", async () => {
  const metrics = [{ name: "loss", step: 9, value: 0.123456 }];
  show([makeRun({ ...ENDED, project: "p1", metrics, tags: ["best"], note: "Good." })]);
  const row = await screen.findByRole("listitem");
  await waitFor(() => expect(row).toHaveTextContent("digits · 2.5 s · loss 0.1235"));
  expect(row).toHaveTextContent("best");
  expect(row).toHaveTextContent("Good.");
  expect(screen.getByRole("link", { name: "main.py" })).toHaveAttribute("href", "/runs/run1");
});

test("without runs the way to the first one is shown", async () => {
  show([]);
  expect(await screen.findByRole("link", { name: "Open a template" })).toHaveAttribute("href", "/templates");
});

test("a filter that nothing fits can be taken away", async () => {
  const { onFilter, user } = show([], { tag: "none" });
  await user.click(await screen.findByRole("button", { name: "Show all runs" }));
  expect(onFilter).toHaveBeenCalledWith({});
});

test("typing filters once it pauses", async () => {
  const { onFilter, user } = show([makeRun(ENDED)]);
  await user.type(screen.getByLabelText("Search"), "loss");
  await waitFor(() => expect(onFilter).toHaveBeenCalledWith({ text: "loss" }));
});

test("a star is set where it is", async () => {
  const { asked, user } = show([makeRun(ENDED)]);
  await user.click(await screen.findByRole("button", { name: "Star main.py run1" }));
  await waitFor(() => expect(asked).toEqual([{ starred: true }]));
  expect(await screen.findByRole("button", { name: "Star main.py run1", pressed: true })).toBeVisible();
});

test("two selected runs can be compared, one cannot", async () => {
  const { onCompare, user } = show([makeRun(ENDED), makeRun({ ...ENDED, id: "run2" })]);
  await user.click(await select("run1"));
  expect(screen.getByRole("button", { name: "Compare (1)" })).toBeDisabled();
  await user.click(await select("run2"));
  await user.click(screen.getByRole("button", { name: "Compare (2)" }));
  expect(onCompare).toHaveBeenCalledWith(["run1", "run2"]);
});

test("a run that is under way is not deleted", async () => {
  const { user } = show([makeRun()]);
  await user.click(await select("run1"));
  expect(screen.getByRole("button", { name: "Delete (1)" })).toBeDisabled();
  expect(screen.getByText("Stop runs before you delete them.")).toBeVisible();
});

test("a deleted run is gone at once and comes back by Undo", async () => {
  const { requests, user, unmount } = show([makeRun(ENDED)]);
  await user.click(await select("run1"));
  await user.click(screen.getByRole("button", { name: "Delete (1)" }));
  expect(screen.queryByRole("link", { name: "main.py" })).toBeNull();
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(await screen.findByRole("link", { name: "main.py" })).toBeVisible();
  unmount();
  expect(requests).not.toContain("DELETE /runs/run1");
});

test("who leaves after deleting has deleted", async () => {
  const { requests, user, unmount } = show([makeRun(ENDED)]);
  await user.click(await select("run1"));
  await user.click(screen.getByRole("button", { name: "Delete (1)" }));
  act(unmount);
  await waitFor(() => expect(requests).toContain("DELETE /runs/run1"));
});

test("a filter stands in the address and comes out of it again", () => {
  const filter = { state: "failed", text: "x y", tag: "best", starred: true } as const;
  expect(filterFrom(new URLSearchParams(searchOf(filter)))).toEqual(filter);
  expect(filterFrom(new URLSearchParams("state=odd&starred=maybe&text=%20"))).toEqual({});
  expect(changed(filter, "starred", false)).toEqual({ state: "failed", text: "x y", tag: "best" });
  expect(changed({}, "state", "queued")).toEqual({ state: "queued" });
});

test("what has not begun has no time, and no number is none", () => {
  expect(durationOf(makeRun({ started_at: null }), 0)).toBeNull();
  expect(durationOf(makeRun(), Date.parse("2026-01-01T00:00:09Z"))).toBe("8.0 s");
  expect(metricsText({ metrics: [{ name: "loss", step: 1, value: null }] })).toBe("loss not a number");
});

test("a page that is closed sends all deletions at once, in requests that outlive it", async () => {
  const { user } = show([makeRun(ENDED), makeRun({ ...ENDED, id: "run2" })]);
  const sent: Request[] = [];
  await user.click(await select("run1"));
  await user.click(await select("run2"));
  await user.click(screen.getByRole("button", { name: "Delete (2)" }));
  jest.spyOn(globalThis, "fetch").mockImplementation((input) => {
    sent.push(input as Request);
    return new Promise(() => undefined);
  });
  act(() => void window.dispatchEvent(new Event("pagehide")));
  await waitFor(() => expect(sent.filter(({ method }) => method === "DELETE")).toHaveLength(2));
  expect(sent.every(({ keepalive }) => keepalive)).toBe(true);
  // Too late to take it back.
  await waitFor(() => expect(screen.queryByRole("button", { name: "Undo" })).toBeNull());
});
