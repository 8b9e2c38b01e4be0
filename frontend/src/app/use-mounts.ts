import { useCallback, useEffect } from "react";

import type { MountedDataset } from "../api/datasets-api";
import { mountsChosen } from "../features/datasets/mounts-slice";
import { readStoredJson, writeStored } from "../lib/storage";
import { useAppDispatch, useAppSelector } from "./store";

/** The datasets that this user's next runs are given; they outlive the page. */
export function useMounts(userId: string): [MountedDataset[], (chosen: MountedDataset[]) => void] {
  const key = `byteme.mounts.${userId}`;
  const mounts = useAppSelector((state) => state.mounts);
  const dispatch = useAppDispatch();
  useEffect(() => {
    const stored = readStoredJson(key);
    dispatch(mountsChosen(Array.isArray(stored) ? (stored as MountedDataset[]) : []));
  }, [dispatch, key]);
  const choose = useCallback(
    (chosen: MountedDataset[]) => {
      dispatch(mountsChosen(chosen));
      writeStored(key, JSON.stringify(chosen));
    },
    [dispatch, key],
  );
  return [mounts, choose];
}
