import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { RunOptionsDialog } from "./run-options-dialog";
import { joinWords, NO_OPTIONS, optionFields, optionsText, parseEnv, splitWords } from "./run-options-slice";

test.each([
  ["--epochs 3", ["--epochs", "3"]],
  [`--name 'first try' --quote "a \\"b\\""`, ["--name", "first try", "--quote", 'a "b"']],
  ["a\\ b", ["a b"]],
  ["  ", []],
])("the line %j has these words", (line, words) => {
  expect(splitWords(line)).toEqual(words);
  expect(splitWords(joinWords(words))).toEqual(words);
});

test("a quote that is left open is refused", () => {
  expect(() => splitWords("--name 'first")).toThrow("A quote is not closed");
});

test("variables are one to a line, and the platform's own are refused", () => {
  expect(parseEnv("A=1\n\nB=x=y ")).toEqual({ A: "1", B: "x=y " });
  expect(() => parseEnv("1A=2")).toThrow("is not NAME=value");
  expect(() => parseEnv("BYTEME_X=1")).toThrow("the platform's own");
});

test("only what differs from a plain run is sent and told", () => {
  expect(optionFields(NO_OPTIONS)).toEqual({});
  expect(optionsText(NO_OPTIONS)).toBeNull();
  const options = {
    args: ["-v"],
    env: { A: "1", B: "2" },
    network: "egress" as const,
    datasets: [{ id: "d", name: "x" }],
    secrets: ["TOKEN"],
    image: "course",
  };
  expect(optionFields({ ...NO_OPTIONS, image: "default" })).toEqual({});
  expect(optionFields(options)).toEqual(options);
  expect(optionsText(options)).toBe("1 argument · 2 variables · 1 secret · network · image course");
});

function show(domains: string[]) {
  const onChosen = jest.fn();
  render(
    <RunOptionsDialog
      options={NO_OPTIONS}
      domains={domains}
      canRun
      secretPicker={(chosen, onChange) => (
        <button onClick={() => onChange([...chosen, "TOKEN"])}>Give TOKEN</button>
      )}
      onChosen={onChosen}
      onClose={jest.fn()}
    />,
  );
  return { onChosen, user: userEvent.setup() };
}

test("arguments, variables, secrets and network are handed over, and the run begins", async () => {
  const { onChosen, user } = show(["example.org"]);
  await user.type(screen.getByLabelText("Arguments"), "--epochs 3");
  await user.type(screen.getByLabelText("Environment variables"), "A=1");
  await user.click(screen.getByRole("button", { name: "Give TOKEN" }));
  await user.click(screen.getByRole("switch", { name: "Network access" }));
  await user.click(screen.getByRole("button", { name: "Save and run" }));
  expect(onChosen).toHaveBeenCalledWith(
    { args: ["--epochs", "3"], env: { A: "1" }, secrets: ["TOKEN"], network: "egress" },
    true,
  );
});

test("without domains in the quota there is no network to choose, and why is said", () => {
  show([]);
  expect(screen.getByRole("switch", { name: "Network access" })).toBeDisabled();
  expect(screen.getByText(/names no domains/)).toBeVisible();
});

test("what cannot be understood is named and not handed over", async () => {
  const { onChosen, user } = show([]);
  await user.type(screen.getByLabelText("Environment variables"), "nonsense");
  expect(screen.getByText('"nonsense" is not NAME=value')).toBeVisible();
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  expect(onChosen).not.toHaveBeenCalled();
});
