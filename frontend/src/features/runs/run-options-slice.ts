import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

import type { MountedDataset } from "../../api/datasets-api";
import type { Network, RunRequest } from "../../api/types";

/** What the next runs are given besides files and limits. */
export interface RunOptions {
  args: string[];
  env: Record<string, string>;
  network: Network;
  /** Set by whoever lets the user pick datasets. */
  datasets: MountedDataset[];
  /** Names of the account's secrets. */
  secrets: string[];
  /** The alias of the image they run on; null for what the server gives. */
  image: string | null;
}

const USUAL_IMAGE = "default";

export const NO_OPTIONS: RunOptions = {
  args: [],
  env: {},
  network: "none",
  datasets: [],
  secrets: [],
  image: null,
};

/** They are one project's: another one begins with none. */
interface State extends RunOptions {
  project: string | null;
}

const NONE: State = { ...NO_OPTIONS, project: null };

const runOptionsSlice = createSlice({
  name: "runOptions",
  initialState: NONE,
  reducers: {
    runOptionsBegun: (options, { payload }: PayloadAction<{ project: string; options?: RunOptions }>) =>
      payload.options || payload.project !== options.project
        ? { ...(payload.options ?? NO_OPTIONS), project: payload.project }
        : options,
    runOptionsChosen: (options, { payload }: PayloadAction<Partial<RunOptions>>) => ({
      ...options,
      ...payload,
    }),
    datasetsPicked: (options, { payload }: PayloadAction<MountedDataset[]>) => {
      options.datasets = payload;
    },
  },
});

export const { runOptionsBegun, runOptionsChosen, datasetsPicked } = runOptionsSlice.actions;
export const runOptionsReducer = runOptionsSlice.reducer;

/** The fields of a run request; what is at its default is left out. */
export function optionFields({
  args,
  env,
  network,
  datasets,
  secrets,
  image,
}: RunOptions): Partial<RunRequest> {
  return {
    ...(args.length > 0 && { args }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(network !== "none" && { network }),
    ...(datasets.length > 0 && { datasets }),
    ...(secrets.length > 0 && { secrets }),
    ...(image !== null && image !== USUAL_IMAGE && { image }),
  };
}

/** In a few words, what differs from a plain run: "2 arguments · network"; null for nothing. */
export function optionsText({ args, env, network, secrets, image }: RunOptions): string | null {
  const count = (n: number, noun: string): string | false => n > 0 && `${n} ${noun}${n > 1 ? "s" : ""}`;
  const parts = [
    count(args.length, "argument"),
    count(Object.keys(env).length, "variable"),
    count(secrets.length, "secret"),
    network === "egress" && "network",
    image !== null && image !== USUAL_IMAGE && `image ${image}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(" · ") : null;
}

/** A command line's words, as a shell would take them apart; throws when a quote is left open. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+)/gsy;
  let end = 0;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    words.push(unquoted(match[1] as string));
    end = pattern.lastIndex;
  }
  if (line.slice(end).trim()) throw new Error("A quote is not closed");
  return words;
}

function unquoted(word: string): string {
  return word.replace(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
    (_all, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? "",
  );
}

/** The line that `splitWords` takes apart into these words. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`))
    .join(" ");
}

/** "NAME=value" lines as an object; throws with what is wrong with a line. */
export function parseEnv(text: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`"${line.trim()}" is not NAME=value`);
    if (name.startsWith("BYTEME_"))
      throw new Error(`${name}: names that begin with BYTEME_ are the platform's own`);
    env[name] = value;
  }
  return env;
}

export function envText(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
}
