import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

import { readStoredJson, writeStored } from "../../lib/storage";

/** The limits the user chose for the next runs. */
export interface ChosenLimits {
  cpus: number;
  memory_mb: number;
  timeout_s: number;
  /** Raised for a run that met it, and forgotten with the page; else what the server gives. */
  disk_mb?: number;
}

export type NumericLimit = "cpus" | "memory_mb" | "timeout_s";

export const DEFAULT_LIMITS: ChosenLimits = { cpus: 2, memory_mb: 2048, timeout_s: 600 };
const STORAGE_KEY = "byteme.limits";

const limitsSlice = createSlice({
  name: "limits",
  initialState: loadLimits,
  reducers: {
    limitsChosen: (_limits, { payload }: PayloadAction<ChosenLimits>) => payload,
  },
});

export const { limitsChosen } = limitsSlice.actions;
export const limitsReducer = limitsSlice.reducer;

export function storeLimits(limits: ChosenLimits): void {
  writeStored(STORAGE_KEY, JSON.stringify(limits));
}

function loadLimits(): ChosenLimits {
  const stored = readStoredJson(STORAGE_KEY) as Partial<ChosenLimits> | null;
  const positive = (name: NumericLimit): number => {
    const value = stored?.[name];
    return typeof value === "number" && value > 0 ? value : DEFAULT_LIMITS[name];
  };
  return {
    cpus: positive("cpus"),
    memory_mb: positive("memory_mb"),
    timeout_s: positive("timeout_s"),
  };
}

/** Why a limit cannot be used; null when it can. The quota is the account's ceiling, if known. */
export function limitProblem(name: NumericLimit, value: number, quota: number | undefined): string | null {
  if (!Number.isFinite(value) || value <= 0) return "Enter a number above 0";
  if (name !== "cpus" && !Number.isInteger(value)) return "Enter a whole number";
  if (quota !== undefined && value > quota) return `Your quota is ${quota}`;
  return null;
}
