import { useEffect, useState } from "react";

import { queryErrorText } from "../api/base-api";
import { errorText } from "../api/problem";
import { useRunMetricsQuery } from "../api/results-api";
import { RunStream } from "../api/run-stream";
import { useBytes } from "../api/use-bytes";

const PIECE = 1 << 20;

/**
 * A shared run's output and metrics as a stream like that of one's own: read over HTTP, because watching is its owner's.
 * `length` is how much output there is; as it grows, more is read.
 */
export function useSharedStream(base: string, length: number): RunStream {
  const [stream] = useState(() => new RunStream(base));
  const fetchBytes = useBytes();
  const { data: metrics, error } = useRunMetricsQuery(base);

  useEffect(() => {
    let isWanted = true;
    const read = async (): Promise<void> => {
      while (isWanted && stream.offset < length) {
        const offset = stream.offset;
        const { bytes } = await fetchBytes(`${base}/output`, offset, Math.min(length, offset + PIECE));
        if (bytes.length === 0) return;
        stream.receive({ offset, stream: "stdout", data: bytes.buffer });
      }
    };
    read().catch((problem: unknown) => stream.receiveError(errorText(problem)));
    return () => {
      isWanted = false;
    };
  }, [stream, fetchBytes, base, length]);

  useEffect(() => {
    for (const metric of metrics ?? []) stream.receiveMetric(metric);
  }, [stream, metrics]);

  useEffect(() => {
    if (error) stream.receiveError(queryErrorText(error));
  }, [stream, error]);

  return stream;
}
