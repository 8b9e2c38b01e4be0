// What a page costs, by the browser's own account.
import assert from "node:assert/strict";

/**
 * The longest task of the page's main thread while `act` goes on, in milliseconds of processor time.
 *
 * A long task is told by the wall's clock, on a machine where nothing else runs. Where tests run, the sandbox, the server
 * and other tests compete for the processors, and a task that was merely kept waiting is no fault of the page: so what
 * counts here is the time that the thread itself was at work, which being kept waiting does not add to. On an idle
 * machine both are the same.
 */
export async function longestTask(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "__metadata"], excludedCategories: ["*"] },
  });
  await act();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  const mains = new Set(
    events
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const tasks = events.filter(({ name, pid, tid }) => /RunTask$/.test(name) && mains.has(`${pid}/${tid}`));
  assert.ok(
    tasks.some(({ tdur }) => tdur > 0),
    "the browser tells what its tasks cost",
  );
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

/** The bytes that the page's JavaScript holds, after what is not needed any more has been collected. */
export async function heapBytes(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize + backingStorageSize;
}
