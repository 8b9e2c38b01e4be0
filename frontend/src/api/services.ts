import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from "react";

import { throttled } from "../lib/throttled";
import { useTicketMutation } from "./base-api";
import type { Connection, ConnectionState } from "./connection";
import { saveFrom } from "./download";
import type { RunStream } from "./run-stream";
import type { Session, SessionState } from "./session";
import type { Run, User } from "./types";

export interface Services {
  session: Session;
  connection: Connection;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("ServicesContext is missing above this component");
  return services;
}

export function useSession(): SessionState {
  const { state } = useServices().session;
  return useSyncExternalStore(state.subscribe, state.get);
}

/** Who is signed in; only for what is shown to nobody else. */
export function useSignedInUser(): User {
  const { user } = useSession();
  if (!user) throw new Error("nobody is signed in");
  return user;
}

export function useConnection(): ConnectionState {
  const { state } = useServices().connection;
  return useSyncExternalStore(state.subscribe, state.get);
}

const nothingToSubscribe = () => () => undefined;
const noVersion = (): number => 0;

/** Re-renders, at most once per frame, whenever the stream has something new; returns its version. */
export function useRunStream(stream: RunStream | null): number {
  return useSyncExternalStore(stream?.subscribe ?? nothingToSubscribe, stream?.getVersion ?? noVersion);
}

/** As `useRunStream`, for what is dear to draw: at most once in `everyMs`, the last change included. */
export function useCalmRunStream(stream: RunStream, everyMs: number): number {
  const subscribe = useMemo(() => throttled(stream.subscribe, everyMs), [stream, everyMs]);
  return useSyncExternalStore(subscribe, stream.getVersion);
}

/** The run itself; re-renders when its state changes, and not with every line that it prints. */
export function useRunOf(stream: RunStream | null): Run | null {
  const get = useCallback(() => stream?.run ?? null, [stream]);
  return useSyncExternalStore(stream?.subscribe ?? nothingToSubscribe, get);
}

/** Downloads a path of the API (below /api/v1), with a query like "?a=b" if any, under a file name; rejects when the server refuses. */
export function useDownload(): (path: string, filename: string, query?: string) => Promise<void> {
  const [ticket] = useTicketMutation();
  return useCallback(
    async (path, filename, query = "") =>
      saveFrom((await ticket(`/api/v1${path}`).unwrap()).url + query, filename),
    [ticket],
  );
}
