import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { RunStream } from "../../api/run-stream";
import { MetricsPanel } from "./metrics-panel";

// The real chart needs a canvas; the browser tests look at it.
jest.mock("./chart", () => ({
  __esModule: true,
  default: ({ name, look }: { name: string; look: { axis: string; smoothing: number; isLog: boolean } }) => (
    <div
      role="img"
      aria-label={`Chart of ${name}`}
    >{`${look.axis} ${look.smoothing} ${String(look.isLog)}`}</div>
  ),
}));

function show(text: string): RunStream {
  const stream = new RunStream("r");
  stream.receiveMetric({ name: "accuracy", step: 1, value: 0.5, time: 10 });
  stream.receiveMetric({ name: "accuracy", step: 2, value: null, time: 11 });
  stream.receive({ offset: 0, stream: "stdout", data: new TextEncoder().encode(text).buffer });
  render(<MetricsPanel stream={stream} dark={false} />);
  return stream;
}

test("there is a chart for each metric, which says where it comes from", async () => {
  show("epoch 1 loss 0.7\nepoch 2 loss 0.5\n");
  const names = (await screen.findAllByRole("img")).map((chart) => chart.getAttribute("aria-label"));
  expect(names).toEqual(["Chart of accuracy", "Chart of loss"]);
  expect(screen.getByRole("region", { name: "Metrics" })).toBeVisible();
  expect(screen.getAllByText("from output")).toHaveLength(1);
  expect(screen.getByText(/^last 0.5 at step 2 · min 0.5 · max 0.7$/)).toBeVisible();
  expect(screen.getByText(/last not a number at step 2 .* 1 value not a number, marked ×/)).toBeVisible();
});

test("the axis, the smoothing and the scale are those of all charts; without times a chart goes by steps", async () => {
  const user = userEvent.setup();
  show("epoch 1 loss 0.7\n");
  await user.click(screen.getByRole("button", { name: "Clock" }));
  await user.click(screen.getByRole("switch", { name: "Log scale" }));
  expect(await screen.findByRole("img", { name: "Chart of accuracy" })).toHaveTextContent("wall 0 true");
  expect(screen.getByRole("img", { name: "Chart of loss" })).toHaveTextContent("step 0 true");
  expect(screen.getByText(/no times known, shown by step/)).toBeVisible();
});

test("the values are there as a table, the newest first", async () => {
  const user = userEvent.setup();
  show("");
  await user.click(screen.getByRole("button", { name: "Table of accuracy" }));
  const rows = within(screen.getByRole("table", { name: "accuracy" })).getAllByRole("row");
  expect(rows.map((row) => row.textContent)).toEqual(["StepValue", "2not a number", "10.5"]);
});

test("a run without metrics has no such section", () => {
  const { container } = render(<MetricsPanel stream={new RunStream("r")} dark={false} />);
  expect(container).toBeEmptyDOMElement();
});
