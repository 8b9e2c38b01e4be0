import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SnackbarProvider } from "notistack";

import { makeProblem } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { makeImage, makeOnHost, makePull } from "./image-factories";
import { ImagesTab } from "./images-tab";

const OLD = makeImage({
  active: false,
  previous: true,
  digest: `sha256:${"f".repeat(64)}`,
  ref: "registry.test/a/b:0",
});
const HOST = { name: "host-1", state: "ready", slots: 2, running_runs: 0, facts: {} };
const list = (...items: unknown[]) => json({ items, next: null });

type Handlers = Parameters<typeof serve>[0];

function show(handlers: Handlers = {}) {
  const requests = serve({
    "GET /images": () => list(makeImage(), OLD),
    "GET /images/pulls": () => list(),
    "GET /hosts": () => list(HOST),
    ...handlers,
  });
  storeSession();
  renderWith(
    makeServices(),
    <SnackbarProvider>
      <ImagesTab />
    </SnackbarProvider>,
  );
  return { user: userEvent.setup(), requests };
}

type User = ReturnType<typeof userEvent.setup>;

async function openPullDialog(user: User, ref: string) {
  await user.click(await screen.findByRole("button", { name: "Pull image…" }));
  const dialog = screen.getByRole("dialog", { name: "Pull an image" });
  await user.type(within(dialog).getByLabelText(/^Image/), ref);
  return dialog;
}

test("each image shows how each host is with it", async () => {
  const hosts = [
    makeOnHost({ state: "pulling", progress: 0.5 }),
    makeOnHost({ host: "host-2", state: "failed", message: "no room on the disk", attempts: 3 }),
  ];
  show({ "GET /images": () => list(makeImage({ active: false, alias: null, hosts })) });
  const row = (await screen.findByText("registry.test/a/b:1")).closest("tr") as HTMLElement;
  expect(row).toHaveTextContent("Pulled");
  expect(row).toHaveTextContent("host-1 Pulling, 50 %");
  expect(row).toHaveTextContent("host-2 Failed: no room on the disk");
  expect(row).toHaveTextContent("3 attempts · not tried again by itself · 1.0 GiB were free");
  expect(within(row).queryByRole("button", { name: /^Activate/ })).toBeNull();
});

test("no image and no host are said, with what to do", async () => {
  show({ "GET /images": () => list(), "GET /hosts": () => list() });
  expect(await screen.findByText(/No image is there: runs can't start/)).toBeVisible();
  expect(await screen.findByText(/No host is there/)).toBeVisible();
  expect(screen.getByText("Nothing was pulled yet.")).toBeVisible();
});

test("a pull is followed to its end, which is explained", async () => {
  let sent: unknown;
  let pull = makePull({ state: "resolving", digest: null, hosts: [] });
  let isAsked = false;
  const { user } = show({
    "GET /images/pulls": () => (isAsked ? list(pull) : list()),
    "POST /images/pulls": async (request) => {
      sent = await request.json();
      isAsked = true;
      return json(pull, 202);
    },
  });
  const dialog = await openPullDialog(user, "a/b:1");
  expect(dialog).toHaveTextContent("Once it is ready, default is switched to it");
  await user.click(within(dialog).getByRole("checkbox", { name: "Critical findings" }));
  await user.click(within(dialog).getByRole("button", { name: "Pull" }));
  const progress = await screen.findByRole("region", { name: "a/b:1" });
  expect(sent).toMatchObject({ ref: "a/b:1", fail_on: ["CRITICAL"], activate: true, dry_run: false });
  expect(progress).toHaveTextContent("The registry is asked for the image");
  expect(within(progress).queryByRole("button", { name: "Close" })).toBeNull();
  pull = makePull({ hosts: [makeOnHost({ state: "pulling", progress: 0.3 })] });
  const bar = await within(progress).findByRole("progressbar", { name: "host-1" });
  expect(bar).toHaveAttribute("aria-valuetext", "Pulling, 30 %");
  pull = makePull({ state: "failed", why: "smoke", message: "It crashed.", hosts: [] });
  expect(await within(progress).findByRole("alert")).toHaveTextContent(
    "The image failed its trial" + "It crashed. Mend the image",
  );
  await user.click(within(progress).getByRole("button", { name: "Pull again…" }));
  const again = screen.getByRole("dialog", { name: "Pull an image" });
  expect(within(again).getByLabelText(/^Image/)).toHaveValue("a/b:1");
  expect(within(again).getByRole("checkbox", { name: "Critical findings" })).toBeChecked();
  await user.click(within(again).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(within(progress).getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("region", { name: "a/b:1" })).toBeNull();
});

test("a pull that is under way is shown to whoever comes", async () => {
  show({ "GET /images/pulls": () => list(makePull({ ref: "somebody/elses:1", state: "warming" })) });
  const progress = await screen.findByRole("region", { name: "somebody/elses:1" });
  expect(within(progress).getByRole("status")).toHaveTextContent("sandboxes are made before default");
});

test("what the server finds wrong is said at its field, and nothing is lost", async () => {
  const problem = makeProblem(422, "Wrong.", [{ field: "ref", message: "names no tag and no digest" }]);
  const { user } = show({ "POST /images/pulls": () => json(problem, 422) });
  const dialog = await openPullDialog(user, "a/b");
  await user.click(within(dialog).getByRole("button", { name: "Pull" }));
  const field = within(dialog).getByLabelText(/^Image/);
  await waitFor(() => expect(field).toHaveAccessibleDescription("names no tag and no digest"));
  expect(field).toHaveValue("a/b");
});

test("a dry run that can not be followed says so, and is not asked for again by itself", async () => {
  let isGone = true;
  const { user, requests } = show({
    "GET /images/pulls": () => list(makePull()),
    "POST /images/pulls": () => json(makePull({ id: "dry", dry_run: true, state: "resolving" }), 202),
    "GET /images/pulls/dry": () =>
      isGone
        ? json(makeProblem(404, "There is no such pull."), 404)
        : json({ ...makePull({ state: "planned" }), id: "dry" }),
  });
  const asked = (path: string): number => requests.filter((request) => request === `GET ${path}`).length;
  const dialog = await openPullDialog(user, "a/b:1");
  await user.click(within(dialog).getByRole("button", { name: "Dry run" }));
  expect(await within(dialog).findByText(/There is no such pull/)).toBeVisible();
  const before = { dry: asked("/images/pulls/dry"), images: asked("/images") };
  // The page itself is asked for less often than a dry run.
  await waitFor(() => expect(asked("/images")).toBeGreaterThan(before.images + 1));
  expect(asked("/images/pulls/dry")).toBe(before.dry);
  isGone = false;
  await user.click(within(dialog).getByRole("button", { name: "Try again" }));
  expect(await within(dialog).findByText(/may be pulled/)).toBeVisible();
});

test("what is known stays when it can't be asked for again, which is said", async () => {
  let isDown = false;
  const { user } = show({
    "GET /images": () =>
      isDown ? json(makeProblem(503, "The server is busy."), 503) : list(makeImage({ ref: "still/there:1" })),
    "GET /images/pulls": () => list(makePull()),
  });
  await screen.findByText("still/there:1");
  isDown = true;
  expect(await screen.findByText(/The server is busy/)).toBeVisible();
  expect(screen.getByText("still/there:1")).toBeVisible();
  isDown = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByText(/The server is busy/)).toBeNull());
});

test("pulls that can't be read are said, and asked for again on demand", async () => {
  let isDown = true;
  const { user } = show({
    "GET /images/pulls": () =>
      isDown
        ? json(makeProblem(503, "Not now."), 503)
        : list(makePull({ state: "active", ref: "late/one:1" })),
  });
  expect(await screen.findByText(/Not now/)).toBeVisible();
  expect(await screen.findByText("registry.test/a/b:1")).toBeVisible();
  isDown = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("late/one:1")).toBeVisible();
});

test("hosts that are not known are not taken for none", async () => {
  const { user } = show({ "GET /hosts": () => json(makeProblem(503, "Not now."), 503) });
  expect(await screen.findByText(/Not now/)).toBeVisible();
  expect(screen.queryByText(/No host is there/)).toBeNull();
  const dialog = await openPullDialog(user, "a/b:1");
  expect(dialog).toHaveTextContent("on every host. Once enough hosts are ready");
});

test("an alias is rolled back after a question that says to what", async () => {
  const switched = { alias: "default", digest: OLD.digest, previous: "", version: 3, warning: null };
  const { user, requests } = show({
    "POST /images/aliases/default/rollback": () => json(switched),
  });
  await user.click(await screen.findByRole("button", { name: "Roll default back to ffffffffffff" }));
  const dialog = screen.getByRole("dialog", { name: "Roll default back?" });
  expect(dialog).toHaveTextContent("default goes back from 0123456789ab to ffffffffffff");
  expect(requests).not.toContain("POST /images/aliases/default/rollback");
  await user.click(within(dialog).getByRole("button", { name: "Roll back" }));
  expect(await screen.findByText("default is ffffffffffff again")).toBeVisible();
});

test("a rollback to what the policy would refuse by now says so", async () => {
  const warning = "It is against the policy by now. It was not signed.";
  const switched = { alias: "default", digest: OLD.digest, previous: "", version: 3, warning };
  const { user } = show({ "POST /images/aliases/default/rollback": () => json(switched) });
  await user.click(await screen.findByRole("button", { name: /^Roll default back/ }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Roll back" }));
  expect(await screen.findByText(`default is ffffffffffff again. ${warning}`)).toBeVisible();
});

test("an image is activated for the alias that is typed", async () => {
  let sent: unknown;
  const { user } = show({
    "POST /images/aliases/course-1/activate": async (request) => {
      sent = await request.json();
      return json(makePull({ ref: OLD.digest, alias: "course-1" }), 202);
    },
  });
  await user.click(await screen.findByRole("button", { name: "Activate registry.test/a/b:0" }));
  const dialog = screen.getByRole("dialog", { name: "Activate this image?" });
  const alias = within(dialog).getByLabelText("Alias");
  expect(alias).toHaveValue("default");
  await user.clear(alias);
  await user.click(within(dialog).getByRole("button", { name: "Activate" }));
  expect(await within(dialog).findByText("Enter an alias.")).toBeVisible();
  await user.type(alias, "course-1");
  await user.click(within(dialog).getByRole("button", { name: "Activate" }));
  expect(await screen.findByRole("region", { name: "ffffffffffff" })).toBeVisible();
  expect(sent).toEqual({ image: OLD.digest, quorum: 100 });
});

test("a prune shows first what goes and why the others stay", async () => {
  const sent: unknown[] = [];
  const { user } = show({
    "POST /images/prune": async (request) => {
      const body = (await request.json()) as { keep: number };
      sent.push(body);
      return list(
        { digest: "sha256:1", ref: "a/b:1", kept: "active: default" },
        { digest: "sha256:2", ref: "a/b:2", kept: body.keep > 0 ? "recent" : null },
      );
    },
  });
  await user.click(await screen.findByRole("button", { name: "Prune…" }));
  const dialog = screen.getByRole("dialog", { name: "Prune images?" });
  expect(await within(dialog).findByText("Nothing would go.")).toBeVisible();
  expect(within(dialog).getByRole("button", { name: "Remove" })).toBeDisabled();
  const keep = within(dialog).getByLabelText("How many of these stay");
  await user.clear(keep);
  await user.type(keep, "0");
  const remove = await within(dialog).findByRole("button", { name: "Remove 1 image" });
  expect(dialog).toHaveTextContent("a/b:1 (1): stays, active as default");
  expect(dialog).toHaveTextContent("a/b:2 (2): goes");
  expect(sent).not.toContainEqual({ keep: 0, dry_run: false });
  await user.click(remove);
  expect(await screen.findByText("1 image will be gone from the hosts soon")).toBeVisible();
  expect(sent).toContainEqual({ keep: 0, dry_run: false });
});

test.each(["12345", "1001", "", "-1"])("nothing is pruned where %j of the others stay", async (typed) => {
  const { user, requests } = show({
    "POST /images/prune": () => list({ digest: "sha256:2", ref: "a/b:2", kept: null }),
  });
  await user.click(await screen.findByRole("button", { name: "Prune…" }));
  const dialog = screen.getByRole("dialog", { name: "Prune images?" });
  await within(dialog).findByRole("button", { name: "Remove 1 image" });
  const keep = within(dialog).getByLabelText("How many of these stay");
  await user.clear(keep);
  await user.paste(typed);
  expect(keep).toHaveAccessibleDescription("Enter a whole number from 0 to 1000");
  expect(within(dialog).getByRole("button", { name: /^Remove/ })).toBeDisabled();
  expect(dialog).not.toHaveTextContent("goes");
  expect(requests.filter((request) => request === "POST /images/prune")).toHaveLength(1);
});

test("hosts verify after a question, and it is said once they have", async () => {
  let verified = "2026-01-01T00:00:00Z";
  const { user } = show({
    "GET /images": () => list(makeImage({ hosts: [makeOnHost({ verified_at: verified })] })),
    "POST /images/verify": () => json({ requested_at: new Date().toISOString() }, 202),
  });
  await user.click(await screen.findByRole("button", { name: "Verify…" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Verify" }));
  expect(await screen.findByText(/not through yet: host-1/)).toBeVisible();
  verified = new Date(Date.now() + 1000).toISOString();
  expect(await screen.findByText(/Every host has looked/)).toBeVisible();
});

test("pulls are listed with their endings, and more of them are fetched", async () => {
  const failed = makePull({ state: "failed", why: "not_found", message: "a/b has no 9.", digest: null });
  const { user } = show({
    "GET /images/pulls": (request) => {
      const isFirst = !new URL(request.url).searchParams.has("cursor");
      return isFirst
        ? json({ items: [failed], next: "more" })
        : list(makePull({ id: "p0", ref: "a/b:older", state: "active" }));
    },
  });
  const table = await screen.findByRole("table", { name: "Recent pulls" });
  expect(await within(table).findByText(/no such image in the registry. a\/b has no 9/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show more" }));
  expect(await within(table).findByText("a/b:older")).toBeVisible();
  expect(within(table).getByText("Activated")).toBeVisible();
});
