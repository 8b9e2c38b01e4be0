import { useCallback } from "react";

import { ProblemError, problemFrom, UnreachableError } from "./problem";
import { useServices } from "./services";

interface Piece {
  bytes: Uint8Array<ArrayBuffer>;
  /** How long the whole is. */
  total: number;
}

const NOTHING_THERE = 416;

/** Reads bytes [start, end) of a path of the API (below /api/v1). Throws ProblemError or UnreachableError. */
export type FetchBytes = (path: string, start: number, end: number) => Promise<Piece>;

export function useBytes(): FetchBytes {
  const { session } = useServices();
  return useCallback(
    async (path, start, end) => {
      const ask = async (token: string): Promise<Response> =>
        fetch(`${location.origin}/api/v1${path}`, {
          headers: { Authorization: `Bearer ${token}`, Range: `bytes=${start}-${end - 1}` },
        }).catch(() => {
          throw new UnreachableError();
        });
      let response = await ask(await session.token());
      if (response.status === 401) response = await ask(await session.renew());
      const total = Number(/\/(\d+)$/.exec(response.headers.get("Content-Range") ?? "")?.[1] ?? NaN);
      if (response.status === NOTHING_THERE && total === 0) return { bytes: new Uint8Array(), total };
      if (!response.ok) throw new ProblemError(await problemFrom(response));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { bytes, total: response.status === 206 ? total : bytes.length };
    },
    [session],
  );
}
