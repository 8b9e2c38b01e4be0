// For tests only.
import type { Image, OnHost, Pull } from "./images-api";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

export function makeOnHost(changes: Partial<OnHost> = {}): OnHost {
  return {
    host: "host-1",
    state: "ready",
    why: null,
    message: "",
    progress: 1,
    attempts: 1,
    seconds: 4.2,
    free_bytes: 1 << 30,
    ref: "byteme.local/a/b:sha-0123456789ab",
    retry_at: null,
    verified_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

export function makeImage(changes: Partial<Image> = {}): Image {
  return {
    alias: "default",
    ref: "registry.test/a/b:1",
    digest: DIGEST,
    active: true,
    previous: false,
    version: 1,
    bytes: 1 << 20,
    checks: [],
    hosts: [makeOnHost()],
    created_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}

export function makePull(changes: Partial<Pull> = {}): Pull {
  return {
    id: "p1",
    ref: "a/b:1",
    alias: "default",
    activate: true,
    dry_run: false,
    quorum: 100,
    state: "pulling",
    why: null,
    message: "",
    digest: DIGEST,
    bytes: 1 << 20,
    checks: ["platform: linux/amd64"],
    hosts: [makeOnHost()],
    created_at: "2026-01-01T00:00:00Z",
    finished_at: null,
    ...changes,
  };
}
