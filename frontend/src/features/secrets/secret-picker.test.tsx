import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { MemoryRouter } from "react-router-dom";

import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { SecretPicker } from "./secret-picker";

const NAMES = ["HF_TOKEN", "WANDB_KEY"];

function Held({ first, onChange }: { first: string[]; onChange: (chosen: string[]) => void }) {
  const [chosen, setChosen] = useState(first);
  return (
    <MemoryRouter>
      <SecretPicker
        chosen={chosen}
        onChange={(names) => {
          setChosen(names);
          onChange(names);
        }}
      />
    </MemoryRouter>
  );
}

function show(first: string[] = []) {
  storeSession();
  serve({
    "GET /secrets": () =>
      json({ items: NAMES.map((name) => ({ name, updated_at: "2026-01-01T00:00:00Z" })), next: null }),
  });
  const onChange = jest.fn();
  renderWith(makeServices(), <Held first={first} onChange={onChange} />);
  return { onChange, user: userEvent.setup() };
}

test("secrets are chosen by name, with the keyboard too", async () => {
  const { onChange, user } = show();
  await user.type(screen.getByLabelText("Secrets"), "wan");
  await screen.findByRole("option", { name: "WANDB_KEY" });
  await user.keyboard("{ArrowDown}{Enter}");
  expect(onChange).toHaveBeenLastCalledWith(["WANDB_KEY"]);
});

test("one that was deleted meanwhile is named", async () => {
  show(["GONE", "HF_TOKEN"]);
  expect(await screen.findByText("Not there any more: GONE")).toBeVisible();
});
