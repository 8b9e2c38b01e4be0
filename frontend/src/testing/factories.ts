import type { Artifact, Problem, Run, Template, TokenPair, User } from "../api/types";

export function makeUser(changes: Partial<User> = {}): User {
  return { id: "u1", email: "ana@example.org", role: "user", created_at: "2026-01-01T00:00:00Z", ...changes };
}

let pairs = 0;

/** A fresh pair of tokens, different from every one before. */
export function makePair(changes: Partial<TokenPair> = {}): TokenPair {
  pairs++;
  return {
    access_token: `access-${pairs}`,
    refresh_token: `refresh-${pairs}`,
    expires_in: 900,
    user: makeUser(),
    ...changes,
  };
}

export function makeRun(changes: Partial<Run> = {}): Run {
  return {
    id: "run1",
    project: null,
    entrypoint: "main.py",
    args: [],
    env: {},
    datasets: [],
    secrets: [],
    limits: { cpus: 2, memory_mb: 2048, disk_mb: 1024, pids: 256, timeout_s: 600, gpus: 0 },
    network: "none",
    state: "running",
    reason: null,
    exit_code: null,
    message: null,
    created_at: "2026-01-01T00:00:00Z",
    started_at: "2026-01-01T00:00:01Z",
    finished_at: null,
    queue_position: null,
    queue_wait_s: null,
    image: { alias: "ml", ref: "byteme/ml", digest: "sha256:0" },
    host: "local",
    warm: false,
    usage: { cpu_s: 0, peak_memory_mb: 0, disk_mb: 0 },
    output: { bytes: 0, truncated: false },
    artifacts: { count: 0, bytes: 0, skipped: [] },
    trace: [],
    metrics: [],
    tags: [],
    note: "",
    starred: false,
    shared_at: null,
    ...changes,
  };
}

export function makeArtifact(changes: Partial<Artifact> = {}): Artifact {
  return {
    path: "model.pt",
    bytes: 2048,
    sha256: "ab".repeat(32),
    media_type: "application/octet-stream",
    created_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

export function makeTemplate(changes: Partial<Template> = {}): Template {
  return {
    name: "hello",
    title: "Hello",
    summary: "A first look.",
    tags: ["start"],
    entrypoint: "main.py",
    expected_seconds: 3,
    data: "none",
    yields: ["hello.txt"],
    files: { "main.py": "print('hello')\n" },
    ...changes,
  };
}

export function makeProblem(status: number, detail: string, errors?: Problem["errors"]): Problem {
  return { type: "about:blank", title: "Refused", status, detail, errors };
}
