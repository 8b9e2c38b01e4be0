import { act, screen, waitFor } from "@testing-library/react";

import { makePair, makeProblem, makeRun, makeUser } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { open, openWorkspace, PAGES } from "../testing/open-app";
import { storeSession } from "../testing/render";

test("what could not be read while the server was away is asked for again when it is back", async () => {
  storeSession();
  let isAway = true;
  const handlers = {
    ...PAGES,
    "GET /runs": () =>
      isAway ? json(makeProblem(503, "Away."), 503) : json({ items: [makeRun()], next: null }),
  };
  serve(handlers);
  const { socket } = open("/runs");
  expect(await screen.findByText("Away.")).toBeVisible();
  isAway = false;
  act(() => socket.fire("connect"));
  expect(await screen.findByRole("link", { name: "main.py" })).toBeVisible();
});

test("after a new sign-in everything that was refused is asked for again, whatever it is", async () => {
  let isOver = true;
  const refused = () => json(makeProblem(401, "Over."), 401);
  serve({
    ...PAGES,
    "GET /datasets": () => (isOver ? refused() : json({ items: [], next: null })),
    "POST /auth/refresh": refused,
    "POST /auth/login": () => {
      isOver = false;
      return json(makePair());
    },
  });
  storeSession();
  const { user } = open("/datasets");
  await screen.findByRole("dialog", { name: "Your session has ended" });
  expect(await screen.findByText("Over.")).toBeInTheDocument();
  await user.type(screen.getByLabelText("Password"), "correct horse");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(screen.queryByText("Over.")).toBeNull());
});

test("another account that signs in over the ended session has a connection of its own", async () => {
  serve({
    ...PAGES,
    "POST /auth/login": () => json(makePair({ user: makeUser({ id: "u2", email: "bob@example.org" }) })),
  });
  const { socket, session } = await openWorkspace();
  const before = socket.connects;
  await act(() => session.signIn({ email: "bob@example.org", password: "correct horse" }));
  await waitFor(() => expect(socket.connects).toBe(before + 1));
});
