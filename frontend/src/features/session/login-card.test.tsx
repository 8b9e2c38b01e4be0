import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makePair, makeProblem, makeUser } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith } from "../../testing/render";
import { LoginCard } from "./login-card";

function show() {
  const services = makeServices();
  renderWith(services, <LoginCard />);
  return { session: services.session, user: userEvent.setup() };
}

async function fill(user: ReturnType<typeof userEvent.setup>, button: string): Promise<void> {
  await user.type(screen.getByLabelText("Email"), "ana@example.org");
  await user.type(screen.getByLabelText("Password"), "correct horse");
  await user.click(screen.getByRole("button", { name: button }));
}

test("a user signs in", async () => {
  serve({ "POST /auth/login": () => json(makePair()) });
  const { session, user } = show();
  await fill(user, "Sign in");
  await waitFor(() => expect(session.state.get().status).toBe("signed-in"));
});

test("a newcomer registers and is signed in", async () => {
  const requests = serve({
    "POST /auth/register": () => json({ user: makeUser() }, 201),
    "POST /auth/login": () => json(makePair()),
  });
  const { session, user } = show();
  await user.click(screen.getByRole("tab", { name: "Register" }));
  await fill(user, "Create account");
  await waitFor(() => expect(session.state.get().status).toBe("signed-in"));
  expect(requests).toEqual(["POST /auth/register", "POST /auth/login"]);
});

test("a refusal is said aloud and what was typed stays", async () => {
  serve({ "POST /auth/login": () => json(makeProblem(401, "Wrong email or password."), 401) });
  const { user } = show();
  await fill(user, "Sign in");
  expect(await screen.findByRole("alert")).toHaveTextContent("Wrong email or password.");
  expect(screen.getByLabelText("Email")).toHaveValue("ana@example.org");
  expect(screen.getByLabelText("Password")).toHaveValue("correct horse");
  expect(screen.getByRole("button", { name: "Sign in" })).toBeEnabled();
});

test("a refusal of a field stands at the field", async () => {
  const errors = [{ field: "password", message: "must have at least 10 characters" }];
  serve({ "POST /auth/register": () => json(makeProblem(422, "Not valid.", errors), 422) });
  const { user } = show();
  await user.click(screen.getByRole("tab", { name: "Register" }));
  await fill(user, "Create account");
  expect(await screen.findByText("must have at least 10 characters")).toBeVisible();
  expect(screen.getByLabelText("Password")).toBeInvalid();
});

test("who has failed too often is told how long to wait, and is not sent on meanwhile", async () => {
  const requests = serve({
    "POST /auth/login": () => json(makeProblem(429, "Too many attempts."), 429, { "Retry-After": "30" }),
  });
  const { user } = show();
  await fill(user, "Sign in");
  expect(await screen.findByRole("button", { name: /^Try again in (30|29) s$/ })).toBeDisabled();
  await user.type(screen.getByLabelText("Password"), "{Enter}");
  expect(requests).toEqual(["POST /auth/login"]);
});

test("a server that is away is told from a wrong password", async () => {
  serve({ "POST /auth/login": () => json({}, 503) });
  const { user } = show();
  await fill(user, "Sign in");
  expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached");
  expect(screen.getByRole("button", { name: "Sign in" })).toBeEnabled();
});

test("what is typed as a password is shown when asked", async () => {
  serve({});
  const { user } = show();
  await user.type(screen.getByLabelText("Password"), "horse");
  await user.click(screen.getByRole("button", { name: "Show password" }));
  expect(screen.getByLabelText("Password")).toHaveAttribute("type", "text");
  await user.click(screen.getByRole("button", { name: "Hide password" }));
  expect(screen.getByLabelText("Password")).toHaveAttribute("type", "password");
});

test("an empty form is not sent", async () => {
  const requests = serve({});
  const { user } = show();
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(screen.getByText("Enter your email address")).toBeVisible();
  expect(screen.getByText("Enter your password")).toBeVisible();
  expect(requests).toEqual([]);
});
