import { verbText } from "./audit-words";
import { makeImage, makeOnHost, makePull } from "./image-factories";
import {
  endingOf,
  hostText,
  keptText,
  namedDigest,
  phasesOf,
  pollMs,
  pruneText,
  pullName,
  rollbackTargets,
  stageText,
  yetToLook,
} from "./image-words";
import type { Pull } from "./images-api";
import { consequencesOf, formFrom, NEW_PULL, requestFrom, wrongFrom } from "./pull-form";

const AT = Date.parse("2026-01-01T00:10:00Z");
const quiet = { images: [makeImage()], pulls: [makePull({ state: "active" })], verifying: null, at: AT };
const steps = (pull: Pull): string[] => phasesOf(pull).map(({ name, state }) => `${name}: ${state}`);

test("it is asked quickly only while something is under way", () => {
  const slow = pollMs(quiet);
  const quick = pollMs({ ...quiet, pulls: [makePull({ state: "pulling" })] });
  expect(quick).toBeLessThan(slow);
  const withHost = (host: Parameters<typeof makeOnHost>[0]) =>
    pollMs({ ...quiet, images: [makeImage({ hosts: [makeOnHost(host)] })] });
  expect(withHost({ state: "smoke" })).toBe(quick);
  expect(withHost({ state: "failed", retry_at: "2026-01-01T00:10:05Z" })).toBe(quick);
  expect(withHost({ state: "failed", retry_at: "2026-01-01T00:09:55Z" })).toBe(quick);
  expect(withHost({ state: "failed", retry_at: "2026-01-01T00:20:00Z" })).toBe(slow);
  expect(withHost({ state: "failed", retry_at: "2026-01-01T00:01:00Z" })).toBe(slow);
  expect(withHost({ state: "failed", retry_at: null })).toBe(slow);
});

test("hosts that verify are waited for quickly, but not for ever", () => {
  const asked = "2026-01-01T00:09:30Z";
  const old = makeImage({ hosts: [makeOnHost({ verified_at: "2026-01-01T00:09:00Z" })] });
  const fresh = makeImage({ hosts: [makeOnHost({ verified_at: "2026-01-01T00:09:31Z" })] });
  expect(yetToLook([old, fresh], asked)).toEqual(["host-1"]);
  expect(yetToLook([fresh], asked)).toEqual([]);
  const quick = pollMs({ ...quiet, images: [old], verifying: asked });
  expect(quick).toBeLessThan(pollMs({ ...quiet, images: [fresh], verifying: asked }));
  expect(quick).toBeLessThan(pollMs({ ...quiet, images: [old], verifying: asked, at: AT + 600_000 }));
});

test("a host's state in words", () => {
  expect(hostText(makeOnHost({ state: "pulling", progress: 0.429 }))).toBe("Pulling, 42 %");
  expect(hostText(makeOnHost({ state: "failed", message: "no room" }))).toBe("Failed: no room");
  expect(hostText(makeOnHost({ seconds: 12.4 }))).toBe("Ready after 12 s");
});

test("the slowest host says which step a pull is at", () => {
  const hosts = [makeOnHost({ state: "smoke" }), makeOnHost({ host: "host-2", state: "verifying" })];
  expect(steps(makePull({ state: "pulling", hosts }))).toEqual([
    "Resolve and check: done",
    "Pull: done",
    "Verify: now",
    "Try out: later",
    "Ready: later",
    "Switch: later",
  ]);
  expect(steps(makePull({ state: "warming" })).at(-1)).toBe("Switch: now");
  expect(steps(makePull({ state: "active" })).every((step) => step.endsWith("done"))).toBe(true);
  expect(steps(makePull({ dry_run: true, state: "resolving", digest: null }))).toEqual([
    "Resolve and check: now",
  ]);
  expect(steps(makePull({ activate: false }))).not.toContain("Switch: later");
});

test("a failed pull shows the step that failed", () => {
  const failed = (changes: Partial<Pull>) => steps(makePull({ state: "failed", ...changes }));
  expect(failed({ why: "policy", digest: null })).toContain("Resolve and check: failed");
  expect(failed({ why: "policy" })).toContain("Resolve and check: failed"); // of an activation
  expect(failed({ why: "smoke" })).toContain("Try out: failed");
  expect(failed({ why: "digest" })).toContain("Verify: failed");
  expect(failed({ why: "disk" })).toContain("Pull: failed");
  expect(failed({ why: "superseded" })).toContain("Switch: failed");
});

test("each way to fail says what it means and what to do", () => {
  const whys = ["error", "auth", "not_found", "unreachable", "policy", "digest", "disk"] as const;
  const others = ["smoke", "deadline", "partial", "superseded"] as const;
  const endings = [...whys, ...others].map((why) =>
    endingOf(makePull({ state: "failed", why, message: "So it was." })),
  );
  expect(new Set(endings.map((ending) => ending?.title)).size).toBe(11);
  for (const ending of endings) {
    expect(ending?.severity).toBe("error");
    expect(ending?.text).toMatch(/^So it was\. \w.+\.$/);
  }
});

test("an ending that went well says what follows, and who lacks the image", () => {
  expect(endingOf(makePull({ state: "pulling" }))).toBeNull();
  expect(endingOf(makePull({ state: "active" }))).toMatchObject({
    severity: "success",
    title: "default is 0123456789ab now",
  });
  const hosts = [makeOnHost(), makeOnHost({ host: "host-2", state: "failed" })];
  const partly = endingOf(makePull({ state: "active", hosts }));
  expect(partly?.severity).toBe("warning");
  expect(partly?.text).toContain("host-2 failed, and takes no runs on it");
  expect(endingOf(makePull({ state: "ready" }))?.text).toContain("activate it when");
});

test("what is read out while it goes on", () => {
  expect(stageText(makePull({ state: "resolving", digest: null }))).toContain("registry is asked");
  expect(stageText(makePull({ state: "pulling", hosts: [] }))).toContain("No host is there");
  expect(stageText(makePull({ state: "pulling", hosts: [makeOnHost({ state: "smoke" })] }))).toBe(
    "Hosts try it out with a program.",
  );
  expect(stageText(makePull({ state: "failed", why: "auth" }))).toBe("");
});

test("digests, prunes and rollbacks in words", () => {
  expect(namedDigest("")).toBe("what is built on the hosts");
  expect(pullName(`sha256:${"ab".repeat(32)}`)).toBe("abababababab");
  expect(keptText("active: default")).toBe("active as default");
  const decided = [
    { digest: "sha256:1", ref: "a:1", kept: null },
    { digest: "sha256:2", ref: "a:2", kept: "recent" },
  ];
  expect(pruneText(decided)).toContain("1 image would go");
  expect(pruneText([])).toBe("Nothing would go.");
  const before = makeImage({ active: false, previous: true, digest: "sha256:9" });
  expect(rollbackTargets([makeImage(), before]).get("default")).toBe(before);
  expect(verbText("image.rollback")).toBe("Rolled an alias back to the image before");
  expect(verbText("new.verb")).toBeNull();
});

test("what is typed becomes a request, and back again", () => {
  const form = { ...NEW_PULL, ref: " a/b:1 ", failOn: ["HIGH"], signature: true, deadline: "60" };
  const made = requestFrom(form);
  expect(made).toEqual({
    request: {
      ref: "a/b:1",
      alias: "default",
      activate: true,
      quorum: 100,
      fail_on: ["HIGH"],
      require_signature: true,
      smoke: null,
      deadline_s: 60,
    },
  });
  if ("request" in made) expect(formFrom(made.request)).toEqual({ ...form, ref: "a/b:1" });
  const smokeOf = (changes: Partial<typeof NEW_PULL>): unknown => {
    const answer = requestFrom({ ...form, ...changes });
    return "request" in answer ? answer.request.smoke : answer.wrong;
  };
  expect(smokeOf({ smoke: "own", program: "print(1)" })).toBe("print(1)");
  expect(smokeOf({ smoke: "off" })).toBe("");
  expect(smokeOf({ smoke: "own" })).toHaveProperty("program");
});

test("what is wrong is told at its field, here and by the server", () => {
  const made = requestFrom({ ...NEW_PULL, alias: " ", quorum: "many", deadline: "1h" });
  expect(Object.keys("wrong" in made ? made.wrong : {})).toEqual(["ref", "alias", "quorum", "deadline"]);
  expect(wrongFrom({ "fail_on.0": "no severity", deadline_s: "too short", other: "?" })).toEqual({
    failOn: "no severity",
    deadline: "too short",
  });
});

test("a pull says beforehand what it does", () => {
  const form = { ...NEW_PULL, quorum: "60" };
  expect(consequencesOf(form, 3)).toContain("Once 2 hosts of 3 are ready, default is switched to it");
  expect(consequencesOf({ ...form, activate: false }, 1)).toContain("No alias is switched");
  expect(consequencesOf(form, 0)).toContain("every host that joins");
  expect(consequencesOf(form, undefined)).toMatch(/on every host\. Once enough hosts are ready/);
});
