import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { makePull } from "./image-factories";
import { PullDialog } from "./pull-dialog";

const BEGUN = makePull({ id: "dry", dry_run: true, state: "resolving", digest: null });
const PLANNED = makePull({
  id: "dry",
  dry_run: true,
  state: "planned",
  message: "1.0 MiB to pull on host-1.",
});

/** The dialog, in which a dry run was asked for; `sent` is what was asked. */
async function dryRun() {
  const sent: unknown[] = [];
  serve({
    "POST /images/pulls": async (request) => {
      sent.push(await request.json());
      return json(BEGUN, 202);
    },
    "GET /images/pulls/dry": () => json(PLANNED),
  });
  storeSession();
  renderWith(makeServices(), <PullDialog hosts={1} onStarted={jest.fn()} onClose={jest.fn()} />);
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(/^Image/), "a/b:1");
  await user.click(screen.getByRole("button", { name: "Dry run" }));
  expect(await screen.findByText(/1.0 MiB to pull on host-1/)).toBeVisible();
  return { user, sent };
}

test("a dry run says in the dialog what would be done", async () => {
  const { sent } = await dryRun();
  expect(screen.getByText(/platform: linux\/amd64/)).toBeVisible();
  expect(sent).toMatchObject([{ ref: "a/b:1", dry_run: true }]);
});

test("a dry run's plan goes when the form is changed", async () => {
  const { user } = await dryRun();
  await user.type(screen.getByLabelText(/^Image/), "0");
  expect(screen.queryByText(/1.0 MiB to pull/)).toBeNull();
});
