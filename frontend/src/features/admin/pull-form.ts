import { plural } from "../../lib/format";
import type { PullRequest } from "./images-api";

export const SEVERITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW"] as const;
export type Smoke = "usual" | "own" | "off";

/** A pull as it is typed. */
export interface PullForm {
  ref: string;
  alias: string;
  activate: boolean;
  quorum: string;
  failOn: readonly string[];
  signature: boolean;
  smoke: Smoke;
  program: string;
  /** Seconds; empty: as the settings have it. */
  deadline: string;
}

export const NEW_PULL: PullForm = {
  ref: "",
  alias: "default",
  activate: true,
  quorum: "100",
  failOn: [],
  signature: false,
  smoke: "usual",
  program: "",
  deadline: "",
};

type Wrong = Partial<Record<keyof PullForm, string>>;

/** What is typed as the API takes it, or what is wrong with it. The rest of the rules is the server's. */
export function requestFrom(form: PullForm): { request: PullRequest } | { wrong: Wrong } {
  const wrong: Wrong = {};
  if (!form.ref.trim()) wrong.ref = "Enter a repository with a tag or a digest";
  if (!form.alias.trim()) wrong.alias = "Enter an alias";
  if (!isWhole(form.quorum)) wrong.quorum = "Enter a whole number from 1 to 100";
  if (form.deadline.trim() && !isWhole(form.deadline)) wrong.deadline = "Enter whole seconds, or nothing";
  if (form.smoke === "own" && !form.program.trim())
    wrong.program = "Enter a program, or choose another trial";
  if (Object.keys(wrong).length > 0) return { wrong };
  return {
    request: {
      ref: form.ref.trim(),
      alias: form.alias.trim(),
      activate: form.activate,
      quorum: Number(form.quorum),
      fail_on: [...form.failOn],
      require_signature: form.signature,
      smoke: { usual: null, own: form.program, off: "" }[form.smoke],
      deadline_s: form.deadline.trim() ? Number(form.deadline) : null,
    },
  };
}

/** A request as it was typed. */
export function formFrom(request: PullRequest): PullForm {
  const { smoke } = request;
  return {
    ref: request.ref,
    alias: request.alias ?? NEW_PULL.alias,
    activate: request.activate ?? true,
    quorum: String(request.quorum ?? NEW_PULL.quorum),
    failOn: request.fail_on ?? [],
    signature: request.require_signature ?? false,
    smoke: smoke ? "own" : smoke === "" ? "off" : "usual",
    program: smoke ?? "",
    deadline: request.deadline_s ? String(request.deadline_s) : "",
  };
}

const FIELDS: Readonly<Record<string, keyof PullForm>> = {
  ref: "ref",
  alias: "alias",
  activate: "activate",
  quorum: "quorum",
  fail_on: "failOn",
  require_signature: "signature",
  smoke: "program",
  deadline_s: "deadline",
};

/** What the server said, by the field of the form; an item of a list is the list's. */
export function wrongFrom(named: Readonly<Record<string, string>>): Wrong {
  const found = Object.entries(named).map(
    ([name, text]) => [FIELDS[name.split(".")[0] ?? ""], text] as const,
  );
  return Object.fromEntries(found.filter(([field]) => field !== undefined)) as Wrong;
}

/** What a pull does, in sentences, with so many hosts there; undefined: nobody knows how many. */
export function consequencesOf(form: PullForm, hosts: number | undefined): string {
  const where = whereOf(hosts);
  const tried = {
    usual: "tried with the usual training program",
    own: "tried with your program",
    off: "not tried beyond the start of a sandbox",
  }[form.smoke];
  const then = form.activate
    ? `Once ${enough(form.quorum, hosts)} ready, ${form.alias.trim() || "the alias"} is switched to it: new runs start on it, those under way stay on theirs.`
    : "No alias is switched.";
  return `The image is looked up and checked, then pulled, verified and ${tried} ${where}. ${then} It is written into the audit trail.`;
}

function whereOf(hosts: number | undefined): string {
  if (hosts === undefined) return "on every host";
  if (hosts === 0) return "on every host that joins";
  return hosts === 1 ? "on the host" : `on all ${hosts} hosts`;
}

function enough(quorum: string, hosts: number | undefined): string {
  if (hosts === undefined) return "enough hosts are";
  if (!isWhole(quorum) || hosts < 2) return "it is";
  const needed = Math.ceil((hosts * Number(quorum)) / 100);
  return `${plural(needed, "host")} of ${hosts} ${needed === 1 ? "is" : "are"}`;
}

const isWhole = (text: string): boolean => /^\d+$/.test(text.trim());
