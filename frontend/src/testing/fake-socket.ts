import type { RunSocket } from "../api/connection";

type Listener = (...args: never[]) => void;
type Answer = (payload: never) => unknown;

/** The client's end of a socket, with a server in the test's hands. */
export class FakeSocket {
  active = true;
  connects = 0;
  readonly sent: { event: string; payload: unknown }[] = [];
  readonly io = { on: (): void => undefined };
  private readonly listeners = new Map<string, Listener>();

  constructor(private readonly answers: Record<string, Answer> = {}) {}

  on(event: string, listener: Listener): this {
    this.listeners.set(event, listener);
    return this;
  }

  connect(): this {
    this.connects++;
    this.active = true;
    return this;
  }

  disconnect(): this {
    this.active = false;
    this.fire("disconnect");
    return this;
  }

  timeout(): { emitWithAck: (event: string, payload: unknown) => Promise<unknown> } {
    return {
      emitWithAck: async (event, payload) => {
        this.sent.push({ event, payload });
        await Promise.resolve();
        return this.answers[event]?.(payload as never) ?? {};
      },
    };
  }

  /** Something comes from the server (or from the transport). */
  fire(event: string, ...args: unknown[]): void {
    this.listeners.get(event)?.(...(args as never[]));
  }

  asSocket(): RunSocket {
    return this as unknown as RunSocket;
  }

  payloadsOf(event: string): unknown[] {
    return this.sent.filter((sent) => sent.event === event).map(({ payload }) => payload);
  }
}
