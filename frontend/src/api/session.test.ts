import { makePair, makeProblem } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { storeSession } from "../testing/render";
import { Session } from "./session";

const CREDENTIALS = { email: "ana@example.org", password: "correct horse" };
const refused = (): Response => json(makeProblem(401, "The session is over."), 401);

function storeRefreshTokenOnly(): void {
  localStorage.setItem("byteme.refresh-token", "stored");
}

test("signing in keeps the user and both tokens", async () => {
  const pair = makePair();
  serve({ "POST /auth/login": () => json(pair) });
  const session = new Session();
  await session.signIn(CREDENTIALS);
  expect(session.state.get()).toEqual({ status: "signed-in", user: pair.user });
  expect(await session.token()).toBe(pair.access_token);
  expect(localStorage.getItem("byteme.refresh-token")).toBe(pair.refresh_token);
});

test("a wrong password is told in the server's words and changes nothing", async () => {
  serve({ "POST /auth/login": () => json(makeProblem(401, "Wrong email or password."), 401) });
  const session = new Session();
  await expect(session.signIn(CREDENTIALS)).rejects.toThrow("Wrong email or password.");
  expect(session.state.get()).toEqual({ status: "signed-out", user: null });
});

test("a server that is away is told apart from a wrong password", async () => {
  jest.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("Failed to fetch"));
  await expect(new Session().signIn(CREDENTIALS)).rejects.toThrow("cannot be reached");
});

test("concurrent renewals use the refresh token once", async () => {
  storeRefreshTokenOnly();
  const pair = makePair();
  const requests = serve({ "POST /auth/refresh": () => json(pair) });
  const session = new Session();
  const tokens = await Promise.all([session.renew(), session.token(), session.renew(), session.token()]);
  expect(new Set(tokens)).toEqual(new Set([pair.access_token]));
  expect(requests).toEqual(["POST /auth/refresh"]);
});

test("each renewal presents the refresh token of the one before", async () => {
  storeRefreshTokenOnly();
  const presented: (string | null)[] = [];
  const pairs = [makePair(), makePair()];
  serve({
    "POST /auth/refresh": (request) => {
      presented.push(request.headers.get("Authorization"));
      return json(pairs[presented.length - 1]);
    },
  });
  const session = new Session();
  await session.renew();
  await session.renew();
  expect(presented).toEqual(["Bearer stored", `Bearer ${pairs[0]?.refresh_token}`]);
});

test("an access token about to end is renewed before it is used", async () => {
  const [old, fresh] = [makePair({ expires_in: 10 }), makePair()];
  serve({ "POST /auth/login": () => json(old), "POST /auth/refresh": () => json(fresh) });
  const session = new Session();
  await session.signIn(CREDENTIALS);
  expect(await session.token()).toBe(fresh.access_token);
});

test("a reload continues the session without spending the refresh token", async () => {
  storeSession();
  const requests = serve({});
  const session = new Session();
  expect(session.state.get().status).toBe("signed-in");
  await session.token();
  expect(requests).toEqual([]);
});

test("a new tab continues the session by renewing it", async () => {
  storeRefreshTokenOnly();
  const pair = makePair();
  serve({ "POST /auth/refresh": () => json(pair) });
  const session = new Session();
  expect(session.state.get().status).toBe("restoring");
  await session.restore();
  expect(session.state.get()).toEqual({ status: "signed-in", user: pair.user });
});

test("a stored session that is dead ends at the sign-in form", async () => {
  storeRefreshTokenOnly();
  serve({ "POST /auth/refresh": refused });
  const session = new Session();
  await session.restore();
  expect(session.state.get()).toEqual({ status: "signed-out", user: null });
});

test("a stored session survives a server that is away", async () => {
  storeRefreshTokenOnly();
  serve({ "POST /auth/refresh": () => new Response("", { status: 502 }) });
  const session = new Session();
  await expect(session.restore()).rejects.toThrow("cannot be reached");
  expect(session.state.get().status).toBe("restoring");
  expect(localStorage.getItem("byteme.refresh-token")).toBe("stored");
});

test("a session that ends under the user keeps the user, and asks the server no more", async () => {
  storeSession();
  const requests = serve({ "POST /auth/refresh": refused });
  const session = new Session();
  await expect(session.renew()).rejects.toThrow();
  await expect(session.renew()).rejects.toThrow();
  expect(session.state.get()).toMatchObject({ status: "expired", user: { email: "ana@example.org" } });
  expect(requests).toEqual(["POST /auth/refresh"]);
});

test("signing out ends the session at once and tells the server", async () => {
  storeSession();
  const requests = serve({ "POST /auth/logout": () => json(null, 204) });
  const session = new Session();
  const done = session.signOut();
  expect(session.state.get()).toEqual({ status: "signed-out", user: null });
  await done;
  expect(requests).toEqual(["POST /auth/logout"]);
  expect(localStorage.length + sessionStorage.length).toBe(0);
});

test("a renewal that was under way does not bring back a session that was signed out", async () => {
  storeSession();
  let answer: (response: Response) => void = () => undefined;
  serve({
    "POST /auth/refresh": () => new Promise((resolve) => (answer = resolve)),
    "POST /auth/logout": () => json(null, 204),
  });
  const session = new Session();
  const renewal = session.renew();
  await Promise.resolve();
  await session.signOut();
  answer(json(makePair()));
  await expect(renewal).rejects.toThrow("signed out");
  expect(session.state.get().status).toBe("signed-out");
});

test("signing out in another tab signs out here", () => {
  storeSession();
  const session = new Session();
  window.dispatchEvent(new StorageEvent("storage", { key: "byteme.refresh-token", newValue: null }));
  expect(session.state.get().status).toBe("signed-out");
});
