/** The wire's shapes, generated from the server's OpenAPI document (`npm run types`), under short names. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Artifact = Schemas["Artifact"];
export type Imported = Schemas["Imported"];
export type Limits = Schemas["Limits"];
export type Me = Schemas["Me"];
export type Metric = Schemas["Metric"];
export type Network = Schemas["Network"];
export type Problem = Schemas["Problem"];
export type Reason = Schemas["Reason"];
export type Run = Schemas["Run"];
export type RunChange = Schemas["RunChange"];
export type RunEvent = Schemas["RunEvent"];
export type RunFiles = Schemas["RunFiles"];
export type RunRecord = Schemas["RunRecord"];
export type RunRequest = Schemas["RunRequest"];
export type RunState = Schemas["State"];
export type SharedRun = Schemas["SharedRun"];
export type Template = Schemas["Template"];
export type TokenPair = Schemas["Tokens"];
export type User = Schemas["User"];

export interface Page<T> {
  items: T[];
  next: string | null;
}
