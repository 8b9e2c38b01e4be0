import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makeProblem, makeRun } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { ImportDialog } from "./import-dialog";

const RECORD = { format: "byteme-run-record" };

async function choose(answer: () => Response, text = JSON.stringify(RECORD)) {
  storeSession();
  const sent: unknown[] = [];
  serve({
    "POST /records": async (request) => {
      sent.push(await request.json());
      return answer();
    },
  });
  const onImported = jest.fn();
  renderWith(makeServices(), <ImportDialog onImported={onImported} onClose={jest.fn()} />);
  const user = userEvent.setup();
  await user.upload(
    screen.getByLabelText("Record file"),
    new File([text], "run.json", { type: "application/json" }),
  );
  return { sent, onImported, user };
}

test("a record becomes a run", async () => {
  const imported = { run: makeRun(), project: null, differences: [] };
  const { sent, onImported, user } = await choose(() => json(imported, 201));
  await user.click(await screen.findByRole("button", { name: "Import" }));
  await waitFor(() => expect(onImported).toHaveBeenCalledWith(imported));
  expect(sent).toEqual([{ record: RECORD, into: "run" }]);
});

test("what differs is seen before the run is opened", async () => {
  const differences = [{ field: "image.digest", message: "another image" }];
  const { onImported, user } = await choose(() => json({ run: makeRun(), project: null, differences }, 201));
  await user.click(await screen.findByRole("button", { name: "Import" }));
  expect(await screen.findByText("image.digest: another image")).toBeVisible();
  expect(onImported).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Open the run" }));
  expect(onImported).toHaveBeenCalled();
});

test("a record that cannot be run says which field is at fault", async () => {
  const errors = [{ field: "record.request.datasets.0.sha256", message: "upload it" }];
  const { user } = await choose(() => json(makeProblem(422, "Not valid.", errors), 422));
  await user.click(await screen.findByRole("button", { name: "Import" }));
  expect(await screen.findByText("record.request.datasets.0.sha256: upload it")).toBeVisible();
});

test("a file that is no JSON is told at once", async () => {
  await choose(() => json(null), "hello");
  expect(await screen.findByText(/no file of JSON/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Import" })).toBeDisabled();
});
