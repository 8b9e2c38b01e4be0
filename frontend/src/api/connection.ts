import { io, type Socket } from "socket.io-client";

import type { LogStream } from "../lib/log-line";
import { reached } from "../lib/milestones";
import { Observable } from "../lib/observable";
import type { MetricPoint } from "./metric-set";
import { describeProblem, ProblemError, UnreachableError } from "./problem";
import { isTerminal, RunStream, type DisplayMessage } from "./run-stream";
import type { Session } from "./session";
import type { Problem, Run, RunRequest } from "./types";

export interface ConnectionState {
  status: "closed" | "connecting" | "online" | "reconnecting";
  attempt: number;
}

type Acknowledge = () => void;

interface ServerEvents {
  "run:output": (
    message: { run_id: string; offset: number; stream: LogStream; data: ArrayBuffer },
    ack?: Acknowledge,
  ) => void;
  "run:state": (message: { run: Run }) => void;
  "run:usage": (message: { run_id: string; cpu: number; memory_mb: number }) => void;
  "run:metric": (message: { run_id: string } & MetricPoint) => void;
  "run:display": (message: { run_id: string } & DisplayMessage) => void;
  "auth:expired": () => void;
}

export type RunSocket = Pick<Socket, "on" | "connect" | "disconnect" | "timeout" | "active" | "io">;

const ANSWER_TIMEOUT_MS = 20_000;
const RECONNECT_DELAY_MAX_MS = 5000;
const RETRY_MS = 3000;

function openSocket(session: Session): RunSocket {
  return io({
    path: "/socket.io",
    transports: ["websocket"],
    autoConnect: false,
    reconnectionDelayMax: RECONNECT_DELAY_MAX_MS,
    auth: (give) => {
      session.token().then(
        (token) => give({ token }),
        () => give({ token: "" }),
      );
    },
  });
}

/**
 * The live connection: watches runs and survives reconnects. Each watched run is a RunStream that knows its offset; after a
 * reconnect, or on a gap, the server is asked again from there, so every byte arrives once.
 */
export class Connection {
  readonly state = new Observable<ConnectionState>({ status: "closed", attempt: 0 });
  private readonly socket: RunSocket;
  private readonly streams = new Map<string, RunStream>();
  private readonly holders = new Map<string, number>();
  private readonly asking = new Set<string>();
  private submitting = 0;
  private online = false;

  constructor(
    private readonly session: Session,
    open: (session: Session) => RunSocket = openSocket,
  ) {
    this.socket = open(session);
    this.listen();
  }

  /** Connects; after a new sign-in on an open connection, presents the new token instead. */
  open(): void {
    if (this.online) void this.present(this.session.token()).then(() => this.askAll());
    else if (this.state.get().status === "closed") {
      this.state.set({ status: "connecting", attempt: 0 });
      this.socket.connect();
    } else this.retry();
  }

  close(): void {
    this.online = false;
    this.state.set({ status: "closed", attempt: 0 });
    this.socket.disconnect();
    for (const id of [...this.streams.keys()]) this.drop(id);
  }

  /** Tries again now instead of after the back-off. */
  retry(): void {
    if (!this.online) this.socket.disconnect().connect();
  }

  /** The run's stream, made when there is none yet; it is fed while somebody watches it. */
  streamOf(runId: string): RunStream {
    let stream = this.streams.get(runId);
    if (!stream) this.streams.set(runId, (stream = new RunStream(runId)));
    return stream;
  }

  /** Whether one of the runs that are watched has not ended. */
  hasLiveRun(): boolean {
    return [...this.streams.values()].some(({ run }) => run && !isTerminal(run.state));
  }

  /** Feeds the run's stream until the returned function is called; the last one to leave drops the stream. */
  watch(runId: string): () => void {
    const stream = this.streamOf(runId);
    this.holders.set(runId, (this.holders.get(runId) ?? 0) + 1);
    if (!stream.run) void this.ask(stream);
    return () => {
      this.holders.set(runId, (this.holders.get(runId) ?? 1) - 1);
      // Deferred, because the next view of the same run may be mounted in the same turn.
      setTimeout(() => this.dropIfUnwatched(runId));
    };
  }

  /** Submits and watches. Throws ProblemError, or UnreachableError when the answer was lost: the run may then exist. */
  async submit(request: RunRequest): Promise<Run> {
    this.submitting++;
    try {
      const { run } = (await this.call("run:submit", request)) as { run: Run };
      this.streamOf(run.id).receiveState(run);
      reached("run");
      return run;
    } finally {
      this.submitting--;
    }
  }

  async cancel(runId: string): Promise<void> {
    const { run } = (await this.call("run:cancel", { run_id: runId })) as { run: Run };
    this.streams.get(runId)?.receiveState(run);
  }

  /** Writes to the program's standard input; null closes it. */
  async input(runId: string, data: string | null): Promise<void> {
    const bytes = data === null ? null : new TextEncoder().encode(data);
    await this.call("run:input", { run_id: runId, data: bytes });
  }

  private listen(): void {
    const socket = this.socket as unknown as Socket<ServerEvents>;
    socket.on("connect", () => this.onConnect());
    socket.on("disconnect", () => this.onDisconnect());
    socket.on("connect_error", () => this.onRefused());
    socket.io.on("reconnect_attempt", (attempt) => this.lost(attempt));
    socket.on("auth:expired", () => void this.present(this.session.renew()));
    socket.on("run:output", (message, ack) => this.onOutput(message, ack));
    socket.on("run:state", ({ run }) => this.known(run.id)?.receiveState(run));
    socket.on("run:usage", ({ run_id, ...usage }) => this.known(run_id)?.receiveUsage(usage));
    socket.on("run:metric", ({ run_id, ...point }) => this.known(run_id)?.receiveMetric(point));
    socket.on("run:display", ({ run_id, ...display }) => this.known(run_id)?.receiveDisplay(display));
  }

  private onConnect(): void {
    this.online = true;
    this.asking.clear();
    this.state.set({ status: "online", attempt: 0 });
    this.askAll();
  }

  private onDisconnect(): void {
    this.online = false;
    if (this.state.get().status === "closed") return;
    this.lost(0);
    // The server closed the connection on purpose, and then the client does not come back by itself.
    if (!this.socket.active) this.reopenLater();
  }

  /** Without `active` the token was refused and nothing retries by itself: get a new one, then come back. */
  private onRefused(): void {
    if (this.state.get().status === "closed") return;
    this.lost(this.state.get().attempt);
    if (this.socket.active) return;
    const comeBack = (): void => {
      if (this.session.state.get().status === "signed-in") this.reopenLater();
    };
    this.session.renew().then(comeBack, comeBack);
  }

  private reopenLater(): void {
    setTimeout(() => {
      const { status } = this.state.get();
      if (status !== "closed" && !this.socket.active) this.socket.connect();
    }, RETRY_MS);
  }

  private lost(attempt: number): void {
    const { status } = this.state.get();
    this.state.set({ status: status === "connecting" ? "connecting" : "reconnecting", attempt });
  }

  private async present(renewal: Promise<string>): Promise<void> {
    const token = await renewal.catch(() => null);
    if (token) await this.call("auth:refresh", { token }).catch(() => undefined);
  }

  private onOutput(message: Parameters<ServerEvents["run:output"]>[0], ack?: Acknowledge): void {
    const stream = this.known(message.run_id);
    if (stream?.receive(message) === "gap") void this.ask(stream);
    ack?.();
  }

  /** A new run's first events can come before the answer to its submission. */
  private known(runId: string): RunStream | undefined {
    return this.streams.get(runId) ?? (this.submitting > 0 ? this.streamOf(runId) : undefined);
  }

  private dropIfUnwatched(runId: string): void {
    if ((this.holders.get(runId) ?? 0) > 0 || !this.streams.has(runId)) return;
    this.drop(runId);
    if (this.online) this.call("run:unwatch", { run_id: runId }).catch(() => undefined);
  }

  private drop(runId: string): void {
    this.streams.get(runId)?.dispose();
    this.streams.delete(runId);
    this.holders.delete(runId);
  }

  private askAll(): void {
    for (const stream of this.streams.values()) void this.ask(stream);
  }

  /** Asks for the run from the offset its stream has reached; what is sent for an older question is dropped by offset. */
  private async ask(stream: RunStream): Promise<void> {
    const { runId } = stream;
    if (!this.online || this.asking.has(runId) || this.streams.get(runId) !== stream) return;
    this.asking.add(runId);
    try {
      const answer = await this.call("run:watch", { run_id: runId, offset: stream.offset });
      stream.receiveState((answer as { run: Run }).run);
    } catch (error) {
      if (!(error instanceof ProblemError)) setTimeout(() => void this.ask(stream), RETRY_MS);
      // A session that is over is no fault of the run: it is asked for again after the next sign-in.
      else if (error.problem.status !== 401) stream.receiveError(describeProblem(error.problem));
    } finally {
      this.asking.delete(runId);
    }
  }

  /** The answer to an event. A token the server no longer takes is renewed once and the event repeated. */
  private async call(event: string, payload: unknown): Promise<unknown> {
    let answer = await this.emit(event, payload);
    if (problemIn(answer)?.status === 401 && event !== "auth:refresh") {
      await this.present(this.session.renew());
      answer = await this.emit(event, payload);
    }
    const problem = problemIn(answer);
    if (problem) throw new ProblemError(problem);
    return answer;
  }

  private async emit(event: string, payload: unknown): Promise<unknown> {
    if (!this.online) throw new UnreachableError();
    try {
      return await this.socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck(event, payload);
    } catch {
      throw new UnreachableError("The connection was lost before the server answered.");
    }
  }
}

function problemIn(answer: unknown): Problem | undefined {
  return (answer as { error?: Problem } | null)?.error;
}
