import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import type { Me } from "../../api/types";
import { LimitsDialog } from "./limits-dialog";
import { DEFAULT_LIMITS } from "./limits-slice";

const QUOTA = { cpus: 4, memory_mb: 8192, timeout_s: 3600 } as Me["quota"];

function show() {
  const onChosen = jest.fn();
  render(<LimitsDialog limits={DEFAULT_LIMITS} quota={QUOTA} onChosen={onChosen} onClose={jest.fn()} />);
  return { onChosen, user: userEvent.setup() };
}

test("the chosen limits are handed over as numbers", async () => {
  const { onChosen, user } = show();
  await user.clear(screen.getByLabelText("Memory (MiB)"));
  await user.type(screen.getByLabelText("Memory (MiB)"), "4096");
  await user.click(screen.getByRole("button", { name: "Use these" }));
  expect(onChosen).toHaveBeenCalledWith({ ...DEFAULT_LIMITS, memory_mb: 4096 });
});

test.each([
  ["CPU cores", "8", "Your quota is 4"],
  ["Memory (MiB)", "1.5", "Enter a whole number"],
  ["Time limit (seconds)", "0", "Enter a number above 0"],
])("%s of %s is refused with its reason", async (label, value, reason) => {
  const { onChosen, user } = show();
  await user.clear(screen.getByLabelText(label));
  await user.type(screen.getByLabelText(label), value);
  expect(screen.getByText(reason)).toBeVisible();
  expect(screen.getByRole("button", { name: "Use these" })).toBeDisabled();
  expect(onChosen).not.toHaveBeenCalled();
});
