import { useEffect, useEffectEvent, useRef, useState } from "react";

import { baseApi, queryErrorText } from "../api/base-api";
import { errorText } from "../api/problem";
import { useRunMetricsQuery } from "../api/results-api";
import { RunStream } from "../api/run-stream";
import { useBytes } from "../api/use-bytes";
import { useAppDispatch } from "./store";

const PIECE = 1 << 20;
const RETRY_MS = 3000;

interface Told {
  /** How much output there is; as it grows, more is read. */
  length: number;
  isOver: boolean;
}

/**
 * A shared run's output and metrics as a stream like that of one's own: read over HTTP, because watching is its owner's.
 * What cannot be read is said, and tried again.
 */
export function useSharedStream(base: string, { length, isOver }: Told): RunStream {
  const [stream] = useState(() => new RunStream(base));
  const unread = useOutput(stream, base, length);
  const [hasFailed, setFailed] = useState(false);
  const {
    data: metrics,
    error,
    refetch,
  } = useRunMetricsQuery(base, { pollingInterval: hasFailed ? RETRY_MS : 0 });
  if (hasFailed !== (error !== undefined)) setFailed(error !== undefined);

  const dispatch = useAppDispatch();
  const wasLive = useRef(!isOver);
  const readResults = useEffectEvent(() => {
    void refetch();
    dispatch(baseApi.util.invalidateTags([{ type: "Artifacts", id: base.split("/").at(-1) }]));
  });
  useEffect(() => {
    // What it reported and left while it was looked at.
    if (isOver && wasLive.current) readResults();
    wasLive.current = !isOver;
  }, [isOver]);

  useEffect(() => {
    for (const metric of metrics ?? []) stream.receiveMetric(metric);
  }, [stream, metrics]);

  useEffect(() => {
    stream.receiveError(unread ?? (error ? queryErrorText(error) : null));
  }, [stream, unread, error]);

  return stream;
}

/** Reads the output up to `length` into the stream; why it cannot be read, while it cannot. */
function useOutput(stream: RunStream, base: string, length: number): string | null {
  const fetchBytes = useBytes();
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let isWanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      while (isWanted && stream.offset < length) {
        const offset = stream.offset;
        const { bytes } = await fetchBytes(`${base}/output`, offset, Math.min(length, offset + PIECE));
        if (bytes.length === 0) return;
        stream.receive({ offset, stream: "stdout", data: bytes.buffer });
      }
    };
    const tryToRead = (): void => {
      read().then(
        () => isWanted && setFailure(null),
        (problem: unknown) => {
          if (!isWanted) return;
          setFailure(errorText(problem));
          timer = setTimeout(tryToRead, RETRY_MS);
        },
      );
    };
    tryToRead();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [stream, fetchBytes, base, length]);
  return failure;
}
