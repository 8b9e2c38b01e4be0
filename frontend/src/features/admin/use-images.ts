import { useEffect, useState } from "react";

import { useHostsQuery } from "./admin-api";
import { isOver, pollMs } from "./image-words";
import { useImagesQuery, usePullsInfiniteQuery, type Image, type Pull } from "./images-api";

const HOSTS_MS = 15_000;

export interface Found {
  images: readonly Image[] | undefined;
  pulls: readonly Pull[] | undefined;
  /** How many; undefined until it is known. */
  hosts: number | undefined;
  /** Why the last asking failed, of each; what was known before stays. */
  imagesError: unknown;
  pullsError: unknown;
  hostsError: unknown;
  refetch: () => void;
  isFetchingMore: boolean;
  onMore: (() => void) | undefined;
}

/** Asked for again and again: quickly while something is under way, and not while nobody looks. */
export function useImagesAndPulls(verifying: string | null): Found {
  const [pollingInterval, setPollingInterval] = useState(0);
  const polled = { pollingInterval, skipPollingIfUnfocused: true };
  const images = useImagesQuery(undefined, polled);
  const pulls = usePullsInfiniteQuery(undefined, polled);
  const hosts = useHostsQuery(undefined, { ...polled, pollingInterval: HOSTS_MS });
  const seen = {
    images: images.data?.items ?? [],
    pulls: pulls.data?.pages.flatMap(({ items }) => items) ?? [],
    verifying,
    at: images.fulfilledTimeStamp ?? 0,
  };
  const underWay = seen.pulls.filter((pull) => !isOver(pull)).length;
  const { refetch: refetchImages, isUninitialized } = images;
  useEffect(() => {
    if (!isUninitialized) void refetchImages(); // a pull that ends has changed them
  }, [underWay, isUninitialized, refetchImages]);
  const wanted = pollMs(seen);
  if (wanted !== pollingInterval) setPollingInterval(wanted);
  return {
    images: images.data?.items,
    pulls: pulls.data && seen.pulls,
    hosts: hosts.data?.items.length,
    imagesError: images.error,
    pullsError: pulls.error,
    hostsError: hosts.error,
    refetch: () => {
      void images.refetch();
      void pulls.refetch();
      void hosts.refetch();
    },
    isFetchingMore: pulls.isFetchingNextPage,
    onMore: pulls.hasNextPage ? () => void pulls.fetchNextPage() : undefined,
  };
}
