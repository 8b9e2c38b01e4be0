import type { Scope } from "./account-api";

/** What each scope lets a key do; who may write may read the same. */
export const SCOPES: readonly { scope: Scope; text: string }[] = [
  { scope: "runs:read", text: "Read runs, their output and artifacts" },
  { scope: "runs:write", text: "Start, stop and delete runs" },
  { scope: "projects:read", text: "Read projects" },
  { scope: "projects:write", text: "Change projects" },
  { scope: "datasets:read", text: "Read datasets" },
  { scope: "datasets:write", text: "Upload and delete datasets" },
  { scope: "secrets:read", text: "Give secrets to runs" },
  { scope: "secrets:write", text: "Set and delete secrets" },
];

export const ADMIN_SCOPE: (typeof SCOPES)[number] = { scope: "admin", text: "All that operators may" };

const DAY_MS = 86_400_000;

export const LIVES = [
  { days: 7, text: "7 days" },
  { days: 30, text: "30 days" },
  { days: 90, text: "90 days" },
  { days: 365, text: "1 year" },
  { days: 0, text: "until it is revoked" },
] as const;

/** When a key of so many days expires; 0 days: never. */
export function expiryOf(days: number, now: number): string | null {
  return days === 0 ? null : new Date(now + days * DAY_MS).toISOString();
}
