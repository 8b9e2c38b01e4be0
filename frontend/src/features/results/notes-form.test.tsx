import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makeProblem, makeRun } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { NotesForm } from "./notes-form";
import { Overview } from "./overview";
import { ShareDialog } from "./share-dialog";
import { tagsIn } from "./tags";

test("tags are told apart by commas, each once", () => {
  expect(tagsIn(" best , lr 0.1,,Best")).toEqual(["best", "lr 0.1"]);
  expect(tagsIn("")).toEqual([]);
});

test("what was changed is saved", async () => {
  storeSession();
  const sent: unknown[] = [];
  serve({
    "PATCH /runs/run1": async (request) => {
      sent.push(await request.json());
      return json(makeRun());
    },
  });
  renderWith(makeServices(), <NotesForm run={makeRun({ tags: ["old"], note: "n" })} />);
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  await userEvent.type(screen.getByLabelText("Tags"), ", new");
  await userEvent.type(screen.getByLabelText("Note"), "!");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(sent).toEqual([{ tags: ["old", "new"], note: "n!" }]));
});

test("a note that is refused says why and is still there", async () => {
  storeSession();
  serve({
    "PATCH /runs/run1": () =>
      json(makeProblem(422, "Not valid.", [{ field: "note", message: "too long" }]), 422),
  });
  renderWith(makeServices(), <NotesForm run={makeRun()} />);
  await userEvent.type(screen.getByLabelText("Note"), "precious");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("note: too long")).toBeVisible();
  expect(screen.getByLabelText("Note")).toHaveValue("precious");
});

const QUOTA = { memory_mb: 8192, disk_mb: 8192, timeout_s: 3600 } as never;

test("an ending for want of memory offers more of it", async () => {
  storeSession();
  serve({ "GET /runs/run1/events": () => json({ items: [], next: null }) });
  const onRunAgain = jest.fn();
  const run = makeRun({ state: "failed", reason: "out_of_memory", message: "Memory limit 2048 MB reached." });
  renderWith(
    makeServices(),
    <Overview run={run} quota={QUOTA} failure="Out of memory" isBusy={false} onRunAgain={onRunAgain} />,
  );
  await userEvent.click(screen.getByRole("button", { name: "Raise memory to 4 GB and run again" }));
  expect(onRunAgain).toHaveBeenCalledWith({ memory_mb: 4096 });
});

test("a link is shown once and can be revoked", async () => {
  storeSession();
  const requests = serve({
    "POST /runs/run1/share": () => json({ token: "t", url: "/shared/t" }, 201),
    "DELETE /runs/run1/share": () => json(null, 204),
  });
  renderWith(makeServices(), <ShareDialog run={makeRun()} onClose={jest.fn()} />);
  expect(screen.queryByRole("button", { name: "Revoke the link" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Make a link" }));
  expect(await screen.findByLabelText("Link")).toHaveValue(`${location.origin}/shared/t`);
  await userEvent.click(screen.getByRole("button", { name: "Revoke the link" }));
  await waitFor(() => expect(screen.queryByLabelText("Link")).toBeNull());
  expect(requests).toContain("DELETE /runs/run1/share");
});
