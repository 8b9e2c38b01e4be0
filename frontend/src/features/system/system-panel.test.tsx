import { render, screen } from "@testing-library/react";

import { RunStream } from "../../api/run-stream";
import { makeRun } from "../../testing/factories";
import { SystemPanel } from "./system-panel";

function show(memory: number, changes = {}): void {
  const stream = new RunStream("r");
  stream.receiveState(makeRun());
  stream.receiveUsage({ cpu: 0.5, memory_mb: 10 });
  stream.receiveUsage({ cpu: 1.5, memory_mb: memory });
  stream.receiveState(makeRun(changes));
  render(<SystemPanel stream={stream} />);
}

const valueOf = (name: string) => screen.getByRole("progressbar", { name }).getAttribute("aria-valuetext");

test.each([
  [1000, "1000 MiB of 2 GiB"],
  [1700, "1.66 GiB of 2 GiB, near its limit"],
  [2000, "1.95 GiB of 2 GiB, at its limit"],
])("a run that holds %d MiB says so in words", (memory, words) => {
  show(memory);
  expect([valueOf("CPU in use"), valueOf("Memory in use")]).toEqual(["1.5 of 2 CPUs", words]);
});

test("of a run that has ended the peaks are shown", () => {
  show(100, { state: "succeeded", usage: { cpu_s: 1, peak_memory_mb: 512, disk_mb: 1000 } });
  expect(["CPU", "Memory", "Disk"].map((name) => valueOf(`${name} in use`))).toEqual([
    "peak 1.5 of 2 CPUs",
    "peak 512 MiB of 2 GiB",
    "peak 1000 MiB of 1 GiB, at its limit",
  ]);
});

test("before anything is known nothing is shown", () => {
  const { container } = render(<SystemPanel stream={new RunStream("r")} />);
  expect(container).toBeEmptyDOMElement();
});
