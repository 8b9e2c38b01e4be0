import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { Connection } from "../api/connection";
import { Session } from "../api/session";
import { App } from "../app/app";
import { makeProject, makeTemplate } from "./factories";
import { json } from "./fake-server";
import { FakeSocket } from "./fake-socket";
import { storeSession } from "./render";

/** What the server answers to somebody with one project and no runs. */
export const PAGES = {
  "GET /me": () => json({ id: "u1", email: "ana@example.org", role: "user", quota: {}, usage: {} }),
  "GET /runs": () => json({ items: [], next: null }),
  "GET /templates": () => json({ items: [makeTemplate()], next: null }),
  "GET /projects": () => json({ items: [makeProject()], next: null }),
  "GET /projects/p1": () => json(makeProject()),
  "PATCH /projects/p1": () => json(makeProject({ version: 2 })),
  "GET /secrets": () => json({ items: [], next: null }),
  "GET /runs/run1/artifacts": () => json({ items: [], next: null }),
};

/** The whole application at an address. */
export function open(path: string, socket = new FakeSocket()) {
  window.history.replaceState(null, "", path);
  const session = new Session();
  const connection = new Connection(session, () => socket.asSocket());
  render(<App services={{ session, connection }} />);
  return { socket, session, user: userEvent.setup() };
}

/** Somebody signed in at the editor, online. */
export async function openWorkspace(path = "/", socket = new FakeSocket()) {
  storeSession();
  const opened = open(path, socket);
  await screen.findByLabelText("Code editor", undefined, { timeout: 40_000 });
  act(() => socket.fire("connect"));
  return opened;
}
