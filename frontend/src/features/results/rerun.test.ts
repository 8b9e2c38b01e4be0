import { makeRun } from "../../testing/factories";
import { isProjectGone, requestOf } from "./rerun";

test("to run again is to ask for the same again", () => {
  const run = makeRun({
    args: ["--lr", "1"],
    env: { A: "b" },
    datasets: [{ id: "d", name: "train" }],
    secrets: ["KEY"],
    project: "p",
  });
  const limits = { ...run.limits, memory_mb: 4096 };
  const files = { entrypoint: "main.py", files: { "main.py": "1" } };
  expect(requestOf(run, files)).toEqual({
    project: "p",
    files: { "main.py": "1" },
    entrypoint: "main.py",
    args: ["--lr", "1"],
    env: { A: "b" },
    datasets: [{ id: "d", name: "train" }],
    secrets: ["KEY"],
    limits: run.limits,
    network: "none",
    image: "ml",
  });
  expect(requestOf(run, files, limits).limits).toEqual(limits);
});

test("a project that is gone is told from other faults", () => {
  expect(isProjectGone([{ field: "project" }])).toBe(true);
  expect(isProjectGone([{ field: "limits.cpus" }])).toBe(false);
  expect(isProjectGone(undefined)).toBe(false);
});
