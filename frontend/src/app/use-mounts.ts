import { useCallback, useEffect } from "react";

import type { MountedDataset } from "../api/datasets-api";
import { datasetsPicked } from "../features/runs/run-options-slice";
import { readStoredJson, writeStored } from "../lib/storage";
import { useAppDispatch, useAppSelector } from "./store";

/** The datasets that the next runs of a project are given; they outlive the page. */
export function useMounts(projectId: string): [MountedDataset[], (chosen: MountedDataset[]) => void] {
  const key = `byteme.mounts.${projectId}`;
  const mounts = useAppSelector((state) => state.runOptions.datasets);
  const dispatch = useAppDispatch();
  useEffect(() => {
    const stored = readStoredJson(key);
    dispatch(datasetsPicked(Array.isArray(stored) ? (stored as MountedDataset[]) : []));
  }, [dispatch, key]);
  const choose = useCallback(
    (chosen: MountedDataset[]) => {
      dispatch(datasetsPicked(chosen));
      writeStored(key, chosen.length > 0 ? JSON.stringify(chosen) : null);
    },
    [dispatch, key],
  );
  return [mounts, choose];
}
