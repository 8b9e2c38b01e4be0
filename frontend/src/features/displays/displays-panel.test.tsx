import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { RunStream } from "../../api/run-stream";
import { DisplaysPanel } from "./displays-panel";

function makeStream(figures: number): RunStream {
  const stream = new RunStream("r");
  const encode = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;
  const show = (number: number, media_type: string, text: string): void =>
    stream.receiveDisplay({ number, offset: 0, media_type, data: encode(text) });
  show(1, "text/html", "<script>alert(1)</script>");
  for (let i = 0; i < figures; i++) show(i + 2, "image/svg+xml", `<svg id="${i}"/>`);
  return stream;
}

test("figures open large, and the arrow keys go through them, no farther than there are", async () => {
  const user = userEvent.setup();
  render(<DisplaysPanel stream={makeStream(3)} />);
  await user.click(screen.getByRole("button", { name: "Figure 2" }));
  await screen.findByText("Figure 2 (1 of 3)");
  for (const [key, title] of [
    ["{ArrowRight}", "Figure 3 (2 of 3)"],
    ["{End}", "Figure 4 (3 of 3)"],
    ["{ArrowRight}", "Figure 4 (3 of 3)"],
    ["{Home}", "Figure 2 (1 of 3)"],
    ["{ArrowLeft}", "Figure 2 (1 of 3)"],
  ] as const) {
    await user.keyboard(key);
    expect(await screen.findByText(title)).toBeVisible();
  }
  const zoomOut = screen.getByRole("button", { name: /^Zoom out/ });
  expect(zoomOut).toBeDisabled();
  await user.keyboard("+");
  expect(zoomOut).toBeEnabled();
  await user.keyboard("0");
  expect(zoomOut).toBeDisabled();
});

test("a figure is an image and nothing else; a table is in a frame where nothing runs", () => {
  render(<DisplaysPanel stream={makeStream(1)} />);
  expect(screen.getByRole("img", { name: "Figure 2" })).toHaveAttribute("src", "blob:test");
  expect(screen.getByTitle("Table 1")).toHaveAttribute("sandbox", "");
});
