import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { Palette } from "./palette";

const ITEMS = [
  { id: "run", text: "Run", hint: "Ctrl+Enter" },
  { id: "stop", text: "Stop the run" },
  { id: "save", text: "Save now" },
];

function show() {
  const onChosen = jest.fn();
  render(
    <Palette label="Commands" placeholder="Type" items={ITEMS} onChosen={onChosen} onClose={jest.fn()} />,
  );
  return { onChosen, user: userEvent.setup() };
}

test("typing narrows the list and Enter takes the first", async () => {
  const { onChosen, user } = show();
  await user.type(screen.getByRole("combobox"), "stop{Enter}");
  expect(onChosen).toHaveBeenCalledWith(ITEMS[1]);
});

test("arrows go round", async () => {
  const { onChosen, user } = show();
  await user.type(screen.getByRole("combobox"), "{ArrowUp}");
  expect(screen.getByRole("option", { selected: true })).toHaveTextContent("Save now");
  await user.keyboard("{ArrowDown}{Enter}");
  expect(onChosen).toHaveBeenCalledWith(ITEMS[0]);
});

test("what matches nothing is said, and Enter does nothing", async () => {
  const { onChosen, user } = show();
  await user.type(screen.getByRole("combobox"), "zzz{Enter}");
  expect(screen.getByText("Nothing matches.")).toBeVisible();
  expect(onChosen).not.toHaveBeenCalled();
});
