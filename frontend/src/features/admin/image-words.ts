import { formatSeconds, plural } from "../../lib/format";
import type { Image, OnHost, Pruned, Pull, Why } from "./images-api";

const QUICK_MS = 1000;
const SLOW_MS = 15_000;
const PATIENCE_MS = 120_000; // with hosts that are to look at what they have

/** "sha256:0123456789abcdef…" as its first twelve digits; what is built on the hosts may have none. */
export function shortDigest(digest: string): string {
  return digest.replace("sha256:", "").slice(0, 12);
}

/** What was asked for, as short as it is clear: an activation may name a digest alone. */
export function pullName(ref: string): string {
  return ref.startsWith("sha256:") ? shortDigest(ref) : ref;
}

/** What an alias points to, in words. */
export function namedDigest(digest: string): string {
  return digest ? shortDigest(digest) : "what is built on the hosts";
}

export function isOver({ state }: Pick<Pull, "state">): boolean {
  return ["active", "ready", "planned", "failed"].includes(state);
}

/** One that failed moves again around the time of its next attempt, as near as asking slowly meets it. */
function isMoving({ state, retry_at }: OnHost, at: number): boolean {
  if (state !== "failed") return state !== "ready";
  return retry_at !== null && Math.abs(Date.parse(retry_at) - at) <= SLOW_MS;
}

/** Which hosts have not looked again since `since`; one that failed has nothing to look at. */
export function yetToLook(images: readonly Image[], since: string): string[] {
  const late = images
    .flatMap(({ hosts }) => hosts)
    .filter(
      ({ state, verified_at }) =>
        state !== "failed" && Date.parse(verified_at ?? "1970-01-01") < Date.parse(since),
    );
  return [...new Set(late.map(({ host }) => host))].sort();
}

interface Seen {
  images: readonly Image[];
  pulls: readonly Pull[];
  /** When the operator asked hosts to look again; null: not since the page was opened. */
  verifying: string | null;
  /** When this was fetched, ms. */
  at: number;
}

/** How soon to ask again, ms: quickly while something is under way. */
export function pollMs({ images, pulls, verifying, at }: Seen): number {
  const isLooking =
    verifying !== null && at - Date.parse(verifying) < PATIENCE_MS && yetToLook(images, verifying).length > 0;
  const isUnderWay =
    pulls.some((pull) => !isOver(pull)) ||
    images.some(({ hosts }) => hosts.some((host) => isMoving(host, at))) ||
    isLooking;
  return isUnderWay ? QUICK_MS : SLOW_MS;
}

/** How an image is on one host, in a few words. */
export function hostText({ state, progress, seconds, message }: OnHost): string {
  if (state === "pulling") return `Pulling, ${Math.floor(progress * 100)} %`;
  if (state === "failed") return `Failed: ${message || "the host did not say why"}`;
  if (state === "ready") return seconds === null ? "Ready" : `Ready after ${formatSeconds(seconds)}`;
  return { waiting: "Waiting", verifying: "Verifying", smoke: "Trying it out" }[state];
}

export type PhaseState = "done" | "now" | "failed" | "later";
export interface Phase {
  name: string;
  state: PhaseState;
}

const ON_HOSTS: readonly OnHost["state"][] = ["pulling", "verifying", "smoke", "ready"];
const WHERE_FAILED: Partial<Record<Why, number>> = { policy: 0, smoke: 3, digest: 2 };

/** The steps of a pull, and how far it is: the slowest host says. The registry resolves and examines in one step. */
export function phasesOf(pull: Pull): Phase[] {
  const names = ["Resolve and check"];
  if (!pull.dry_run) names.push("Pull", "Verify", "Try out", "Ready");
  if (pull.activate && !pull.dry_run) names.push("Switch");
  const at = phaseIndex(pull, names.length);
  const now: PhaseState = pull.state === "failed" ? "failed" : "now";
  return names.map((name, index) => ({ name, state: index < at ? "done" : index === at ? now : "later" }));
}

function phaseIndex(pull: Pull, count: number): number {
  if (["active", "ready", "planned"].includes(pull.state)) return count;
  if (!pull.digest) return 0;
  if (pull.state === "warming" || pull.why === "superseded") return 5;
  if (pull.state === "failed") return WHERE_FAILED[pull.why ?? "error"] ?? 1;
  const going = pull.hosts.filter(({ state }) => state !== "failed");
  const steps = going.map(({ state }) => Math.max(0, ON_HOSTS.indexOf(state)));
  return 1 + (steps.length > 0 ? Math.min(...steps) : 0);
}

/** Where a pull is, in a sentence that is read out when it changes. */
export function stageText(pull: Pull): string {
  if (pull.state === "warming")
    return `Hosts are ready; sandboxes are made before ${pull.alias} is switched.`;
  const phase = phasesOf(pull).find(({ state }) => state === "now")?.name;
  if (!phase) return "";
  if (phase === "Resolve and check") return "The registry is asked for the image, and it is checked.";
  if (pull.hosts.length === 0) return "No host is there: it goes on when one has joined.";
  return {
    Pull: "Hosts pull it.",
    Verify: "Hosts verify it.",
    "Try out": "Hosts try it out with a program.",
    Ready: "Hosts are ready.",
  }[phase] as string;
}

export interface Ending {
  severity: "success" | "info" | "warning" | "error";
  title: string;
  /** What it means, and what to do. */
  text: string;
}

const FAILURES: Record<Why, [title: string, todo: string]> = {
  auth: [
    "The registry does not let the hosts in",
    "Check the credentials and rights in the settings (BYTEME_REGISTRY_USER and _PASSWORD; for ECR the role), then pull again.",
  ],
  not_found: [
    "There is no such image in the registry",
    "Check the repository and the tag or digest, or push the image first. Then pull again.",
  ],
  unreachable: [
    "The registry does not answer",
    "Check that the registry is up and that the hosts reach it, then pull again: what has come already is kept.",
  ],
  policy: [
    "The image is against the policy",
    "Build or sign one that passes, and push it. What must pass is in the settings (BYTEME_IMAGE_…) and in the pull.",
  ],
  digest: [
    "The image is not what its digest names",
    "Something in the registry is broken or was changed. Push the image again, and find out why.",
  ],
  disk: ["A host has too little room", "Prune images that nobody needs or make room there, then pull again."],
  smoke: [
    "The image failed its trial",
    "Mend the image, or the program that it is tried with. It was not activated.",
  ],
  deadline: ["It took too long", "Pull again with a later deadline: what has come already is kept."],
  partial: [
    "Too few hosts have it",
    "Mend the hosts that failed and pull again, or take a smaller share of hosts for enough.",
  ],
  superseded: [
    "Somebody else switched the alias meanwhile",
    "The hosts have the image. Look at what is active now, and activate this one if you still want it.",
  ],
  error: ["It failed", "The servers' logs say more."],
};

/** How a pull ended and what to do about it; null while it goes on. */
export function endingOf(pull: Pull): Ending | null {
  const digest = namedDigest(pull.digest ?? "");
  const failed = pull.hosts.filter(({ state }) => state === "failed").map(({ host }) => host);
  if (pull.state === "failed") {
    const [title, todo] = FAILURES[pull.why ?? "error"];
    return { severity: "error", title, text: `${pull.message} ${todo}`.trim() };
  }
  if (pull.state === "planned")
    return { severity: "info", title: `It is ${digest}, and may be pulled`, text: pull.message };
  if (!isOver(pull)) return null;
  const lacking = `${failed.join(", ")} failed, and ${failed.length === 1 ? "takes" : "take"} no runs on it until it is there.`;
  const what =
    pull.state === "active"
      ? "New runs start on it; those under way stay on theirs."
      : "No alias was switched: activate it when it is to be used.";
  return {
    severity: failed.length > 0 ? "warning" : "success",
    title: pull.state === "active" ? `${pull.alias} is ${digest} now` : `${digest} is on the hosts`,
    text: failed.length > 0 ? `${what} ${lacking}` : what,
  };
}

/** What a pull's state is called in the list. */
export function pullStateText({ state, dry_run }: Pull): string {
  if (dry_run && state === "planned") return "Dry run";
  return {
    resolving: "Resolving",
    pulling: "Pulling",
    warming: "Switching",
    active: "Activated",
    ready: "On the hosts",
    planned: "Planned",
    failed: "Failed",
  }[state];
}

/** Why a prune leaves an image: "active: default" -> "active as default". */
export function keptText(kept: string): string {
  if (kept === "recent") return "among the newest of the others";
  return kept.replace(/^active: /, "active as ");
}

/** What a prune does, in a sentence. */
export function pruneText(decided: readonly Pruned[]): string {
  const going = decided.filter(({ kept }) => kept === null).length;
  if (going === 0) return "Nothing would go.";
  return `${plural(going, "image")} would go from every host, as soon as no container has ${going === 1 ? "it" : "them"}.`;
}

/** What a rollback of each alias leads to; only of those that were switched before. */
export function rollbackTargets(images: readonly Image[]): ReadonlyMap<string, Image> {
  const before = images.filter(({ previous, alias }) => previous && alias !== null);
  return new Map(before.map((image) => [image.alias as string, image]));
}
