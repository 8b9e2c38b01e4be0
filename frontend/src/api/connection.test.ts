import { waitFor } from "@testing-library/react";

import { makePair, makeProblem, makeRun } from "../testing/factories";
import { json, serve } from "../testing/fake-server";
import { FakeSocket } from "../testing/fake-socket";
import { storeSession } from "../testing/render";
import { Connection } from "./connection";
import { Session } from "./session";

const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;

function output(offset: number, text: string, run_id = "run1") {
  return { run_id, offset, stream: "stdout", data: bytesOf(text) };
}

function setUp(answers: Record<string, (payload: never) => unknown> = {}) {
  storeSession();
  const socket = new FakeSocket({ "run:watch": () => ({ run: makeRun() }), ...answers });
  const session = new Session();
  const connection = new Connection(session, () => socket.asSocket());
  connection.open();
  socket.fire("connect");
  return { socket, session, connection };
}

test("a watched run is asked for from its beginning", () => {
  const { socket, connection } = setUp();
  connection.watch("run1");
  expect(socket.payloadsOf("run:watch")).toEqual([{ run_id: "run1", offset: 0 }]);
});

test("every chunk is acknowledged once it is taken", () => {
  const { socket, connection } = setUp();
  connection.watch("run1");
  const taken: string[] = [];
  socket.fire("run:output", output(0, "hello"), () => {
    taken.push(connection.streamOf("run1").log.lastTexts(Infinity).join(""));
  });
  expect(taken).toEqual(["hello"]);
});

test("after a reconnect the run is asked for from the offset reached", async () => {
  const { socket, connection } = setUp();
  connection.watch("run1");
  await waitFor(() => expect(connection.streamOf("run1").run).not.toBeNull());
  socket.fire("run:output", output(0, "hello"));
  socket.fire("disconnect");
  socket.fire("connect");
  expect(socket.payloadsOf("run:watch").at(-1)).toEqual({ run_id: "run1", offset: 5 });
});

test("on a gap the run is asked for again from the offset reached, once", async () => {
  const { socket, connection } = setUp();
  connection.watch("run1");
  await waitFor(() => expect(connection.streamOf("run1").run).not.toBeNull());
  socket.fire("run:output", output(0, "ab"));
  socket.fire("run:output", output(9, "late"));
  socket.fire("run:output", output(13, "later"));
  expect(socket.payloadsOf("run:watch")).toEqual([
    { run_id: "run1", offset: 0 },
    { run_id: "run1", offset: 2 },
  ]);
});

test("what was replayed twice is shown once", () => {
  const { socket, connection } = setUp();
  connection.watch("run1");
  for (const message of [output(0, "ab"), output(0, "ab"), output(1, "bc")])
    socket.fire("run:output", message);
  expect(connection.streamOf("run1").log.lastTexts(Infinity)).toEqual(["abc"]);
});

test("a submitted run is watched without asking, even if its output overtakes the answer", async () => {
  const { socket, connection } = setUp({ "run:submit": () => ({ run: makeRun({ state: "queued" }) }) });
  const submitted = connection.submit({ files: { "main.py": "" } });
  socket.fire("run:output", output(0, "early"));
  const run = await submitted;
  connection.watch(run.id);
  expect(connection.streamOf(run.id).log.lastTexts(Infinity)).toEqual(["early"]);
  expect(socket.payloadsOf("run:watch")).toEqual([]);
});

test("a refused submission says why, field by field", async () => {
  const errors = [{ field: "limits.cpus", message: "64 is above your quota of 2" }];
  const { connection } = setUp({ "run:submit": () => ({ error: makeProblem(422, "Not valid.", errors) }) });
  await expect(connection.submit({ files: {} })).rejects.toThrow("limits.cpus: 64 is above your quota of 2");
});

test("nothing is submitted without a connection", async () => {
  const { socket, connection } = setUp();
  socket.fire("disconnect");
  await expect(connection.submit({ files: {} })).rejects.toThrow("cannot be reached");
  expect(socket.payloadsOf("run:submit")).toEqual([]);
});

test("a run that is not there is told to whoever watches it", async () => {
  const { connection } = setUp({ "run:watch": () => ({ error: makeProblem(404, "There is no such run.") }) });
  connection.watch("run1");
  await waitFor(() => expect(connection.streamOf("run1").error).toBe("There is no such run."));
});

test("leaving a run ends its watch, unless the next view of it came at once", async () => {
  const { socket, connection } = setUp();
  const leave = connection.watch("run1");
  leave();
  const leaveAgain = connection.watch("run1");
  await new Promise((resolve) => setTimeout(resolve));
  expect(socket.payloadsOf("run:unwatch")).toEqual([]);
  leaveAgain();
  await waitFor(() => expect(socket.payloadsOf("run:unwatch")).toEqual([{ run_id: "run1" }]));
});

test("when the token expires a new one is presented on the same connection", async () => {
  const { socket } = setUp();
  const fresh = makePair();
  serve({ "POST /auth/refresh": () => json(fresh) });
  socket.fire("auth:expired");
  await waitFor(() => expect(socket.payloadsOf("auth:refresh")).toEqual([{ token: fresh.access_token }]));
});

test("an event refused for its token is repeated with a new one", async () => {
  const answers = [{ error: makeProblem(401, "The token has expired.") }, { run: makeRun() }];
  const { socket, connection } = setUp({ "run:watch": () => answers.shift() });
  serve({ "POST /auth/refresh": () => json(makePair()) });
  connection.watch("run1");
  await waitFor(() => expect(connection.streamOf("run1").run).not.toBeNull());
  expect(socket.sent.map(({ event }) => event)).toEqual(["run:watch", "auth:refresh", "run:watch"]);
});

test("a run asked for after the session's end is no error, and comes after the next sign-in", async () => {
  let isOver = true;
  const { session, connection } = setUp({
    "run:watch": () => (isOver ? { error: makeProblem(401, "Over.") } : { run: makeRun() }),
  });
  serve({
    "POST /auth/refresh": () => json(makeProblem(401, "Over."), 401),
    "POST /auth/login": () => json(makePair()),
  });
  connection.watch("run1");
  await waitFor(() => expect(session.state.get().status).toBe("expired"));
  isOver = false;
  await session.signIn({ email: "ana@example.org", password: "x" });
  connection.open();
  await waitFor(() => expect(connection.streamOf("run1").run).not.toBeNull());
  expect(connection.streamOf("run1").error).toBeNull();
});

test("a refused token is renewed before the next try", async () => {
  jest.useFakeTimers();
  try {
    const { socket } = setUp();
    const requests = serve({ "POST /auth/refresh": () => json(makePair()) });
    socket.active = false;
    socket.fire("connect_error");
    await jest.advanceTimersByTimeAsync(5000);
    expect([requests, socket.connects]).toEqual([["POST /auth/refresh"], 2]);
  } finally {
    jest.useRealTimers();
  }
});

test("once the session is over nothing is tried until somebody signs in", async () => {
  jest.useFakeTimers();
  try {
    const { socket, session, connection } = setUp();
    serve({
      "POST /auth/refresh": () => json(makeProblem(401, "Over."), 401),
      "POST /auth/login": () => json(makePair()),
    });
    socket.fire("disconnect");
    socket.active = false;
    socket.fire("connect_error");
    await jest.advanceTimersByTimeAsync(60_000);
    expect([session.state.get().status, socket.connects]).toEqual(["expired", 1]);
    await session.signIn({ email: "ana@example.org", password: "x" });
    connection.open();
    expect(socket.connects).toBe(2);
  } finally {
    jest.useRealTimers();
  }
});

test("input goes out as bytes, and null closes it", async () => {
  const { socket, connection } = setUp();
  await connection.input("run1", "é\n");
  await connection.input("run1", null);
  expect(socket.payloadsOf("run:input")).toEqual([
    { run_id: "run1", data: new Uint8Array([0xc3, 0xa9, 0x0a]) },
    { run_id: "run1", data: null },
  ]);
});
