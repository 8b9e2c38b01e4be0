import { useCallback, useEffect } from "react";

import type { MountedDataset } from "../api/datasets-api";
import { datasetsPicked } from "../features/runs/run-options-slice";
import { readStoredJson, writeStored } from "../lib/storage";
import { useAppDispatch, useAppSelector } from "./store";

const keyOf = (projectId: string): string => `byteme.mounts.${projectId}`;

export function storeMounts(projectId: string, chosen: readonly MountedDataset[]): void {
  writeStored(keyOf(projectId), chosen.length > 0 ? JSON.stringify(chosen) : null);
}

/** The datasets that the next runs of a project are given; they outlive the page. */
export function useMounts(projectId: string): [MountedDataset[], (chosen: MountedDataset[]) => void] {
  const mounts = useAppSelector((state) => state.runOptions.datasets);
  const dispatch = useAppDispatch();
  useEffect(() => {
    const stored = readStoredJson(keyOf(projectId));
    dispatch(datasetsPicked(Array.isArray(stored) ? (stored as MountedDataset[]) : []));
  }, [dispatch, projectId]);
  const choose = useCallback(
    (chosen: MountedDataset[]) => {
      dispatch(datasetsPicked(chosen));
      storeMounts(projectId, chosen);
    },
    [dispatch, projectId],
  );
  return [mounts, choose];
}
