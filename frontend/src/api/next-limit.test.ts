import { nextLimit } from "./next-limit";

const QUOTA = { memory_mb: 8192, disk_mb: 2048, timeout_s: 3600 };
const LIMITS = { cpus: 1, memory_mb: 512, disk_mb: 1024, pids: 64, timeout_s: 600, gpus: 0 };

function next(reason: Parameters<typeof nextLimit>[0]["reason"], limits = LIMITS, quota = QUOTA) {
  return nextLimit({ reason, limits }, quota);
}

test("a run that ran out of memory may have twice as much", () => {
  expect(next("out_of_memory")).toEqual({
    text: "Raise memory to 1 GB and run again",
    raised: { memory_mb: 1024 },
  });
});

test("no limit is raised above the quota", () => {
  expect(next("disk_limit", { ...LIMITS, disk_mb: 1500 })?.raised).toEqual({ disk_mb: 2048 });
  const full = next("out_of_memory", { ...LIMITS, memory_mb: 8192 });
  expect(full?.raised).toBeNull();
  expect(full?.text).toContain("no more than 8 GB");
});

test("a time limit is raised in words that people use", () => {
  expect(next("timeout")?.text).toBe("Raise time limit to 20 min and run again");
  expect(next("timeout", { ...LIMITS, timeout_s: 10 })?.text).toBe("Raise time limit to 20 s and run again");
  expect(next("timeout", { ...LIMITS, timeout_s: 3000 })?.text).toBe("Raise time limit to 1 h and run again");
});

test("where no limit was met none is offered", () => {
  for (const reason of [null, "exit_code", "output_limit", "host_lost"] as const)
    expect(next(reason)).toBeNull();
});
