import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makeProblem } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { KeysSection } from "./keys-section";
import { EMPTY, wrongWith } from "./password-rules";
import { PasswordSection } from "./password-section";
import { expiryOf } from "./scopes";
import { SecretsSection } from "./secrets-section";
import { SessionsSection } from "./sessions-section";

const KEY = {
  id: "k1",
  name: "laptop",
  scopes: ["runs:write"],
  created_at: "2026-01-01T00:00:00Z",
  expires_at: null,
  last_used_at: null,
};
const list = (...items: unknown[]) => json({ items, next: null });

function show(ui: React.JSX.Element) {
  storeSession();
  renderWith(makeServices(), ui);
  return userEvent.setup();
}

test("a new key is shown once, with what was asked for", async () => {
  let asked: unknown;
  serve({
    "GET /keys": () => list(),
    "POST /keys": async (request) => {
      asked = await request.json();
      return json({ ...KEY, key: "bm_secret" }, 201);
    },
  });
  const user = show(<KeysSection isOperator={false} />);
  await user.click(await screen.findByRole("button", { name: "New API key" }));
  expect(screen.queryByLabelText("All that operators may")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Create key" }));
  expect(screen.getByText("Enter a name")).toBeVisible();
  await user.type(screen.getByLabelText("Name"), "laptop");
  await user.click(screen.getByLabelText("Read datasets"));
  await user.click(screen.getByRole("button", { name: "Create key" }));
  expect(await screen.findByLabelText("API key")).toHaveValue("bm_secret");
  expect(asked).toMatchObject({ name: "laptop", scopes: ["runs:write", "datasets:read"] });
  await user.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(screen.queryByText("bm_secret")).toBeNull());
});

test("a key is revoked only after a question", async () => {
  const requests = serve({
    "GET /keys": () => list(KEY),
    "DELETE /keys/k1": () => json(null, 204),
  });
  const user = show(<KeysSection isOperator={false} />);
  await user.click(await screen.findByRole("button", { name: "Revoke laptop" }));
  expect(requests).not.toContain("DELETE /keys/k1");
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(requests).toContain("DELETE /keys/k1"));
});

test("a key lasts as many days as chosen, or until it is revoked", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(expiryOf(7, now)).toBe("2026-01-08T00:00:00.000Z");
  expect(expiryOf(0, now)).toBeNull();
});

test("a secret is set and never shown; what the server says of it stands at its field", async () => {
  const errors = [{ field: "value", message: "must have 8 bytes or more" }];
  let answers = [json(makeProblem(422, "Not valid.", errors), 422), json({ name: "HF_TOKEN" })];
  const requests = serve({
    "GET /secrets": () => list({ name: "OLD", updated_at: "2026-01-01T00:00:00Z" }),
    "PUT /secrets/HF_TOKEN": () => {
      const [first, ...rest] = answers;
      answers = rest;
      return first ?? json(null, 500);
    },
  });
  const user = show(<SecretsSection />);
  expect(await screen.findByText("OLD")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "New secret" }));
  await user.type(screen.getByLabelText("Name"), "HF_TOKEN");
  await user.type(screen.getByLabelText("Value"), "short");
  expect(screen.getByLabelText("Value")).toHaveAttribute("type", "password");
  await user.click(screen.getByRole("button", { name: "Save secret" }));
  expect(await screen.findByText("must have 8 bytes or more")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Save secret" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(requests.filter((request) => request.startsWith("PUT"))).toHaveLength(2);
});

test("a change of the password is checked before it is sent", () => {
  expect(wrongWith(EMPTY)).toEqual({
    current: "Enter your present password",
    fresh: "At least 8 characters",
  });
  expect(wrongWith({ current: "x", fresh: "longenough", again: "longenoug" })).toEqual({
    again: "Not the same as above",
  });
  expect(wrongWith({ current: "x", fresh: "longenough", again: "longenough" })).toEqual({});
});

test("a wrong present password is said at its field, and what was typed stays", async () => {
  const errors = [{ field: "current_password", message: "is wrong" }];
  serve({ "PUT /me/password": () => json(makeProblem(422, "Not valid.", errors), 422) });
  const user = show(<PasswordSection />);
  await user.type(screen.getByLabelText("Present password"), "guess");
  await user.type(screen.getByLabelText("New password"), "longenough");
  await user.type(screen.getByLabelText("New password again"), "longenough");
  await user.click(screen.getByRole("button", { name: "Change password" }));
  expect(await screen.findByText("is wrong")).toBeVisible();
  expect(screen.getByLabelText("New password")).toHaveValue("longenough");
});

test("signing out everywhere is asked about, then ends the session here", async () => {
  const requests = serve({ "POST /me/sign-out": () => json(null, 204) });
  const onSignedOut = jest.fn();
  const user = show(<SessionsSection onSignedOut={onSignedOut} />);
  await user.click(screen.getByRole("button", { name: "Sign out everywhere" }));
  expect(requests).toEqual([]);
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Sign out everywhere" }));
  await waitFor(() => expect(onSignedOut).toHaveBeenCalled());
});
