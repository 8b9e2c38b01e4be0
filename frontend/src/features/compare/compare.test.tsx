import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router-dom";

import { pathIn } from "../../lib/file-diff";
import { makeRun } from "../../testing/factories";
import { compareRuns, paramsOf, shownSections } from "./compare-rows";
import { CompareTable } from "./compare-table";
import { curvesOf, lookOf } from "./curves";

test("parameters are options by name, variables, and the rest by place", () => {
  const args = ["--lr", "0.1", "-v", "--seed=7", "data.csv", "--shift", "-3"];
  expect(paramsOf({ args, env: { MODE: "fast" } })).toEqual({
    lr: "0.1",
    v: "yes",
    seed: "7",
    "argument 1": "data.csv",
    shift: "-3",
    $MODE: "fast",
  });
});

const RUNS = [
  makeRun({ id: "a", args: ["--lr", "0.1"], metrics: [{ name: "loss", step: 1, value: 0.5 }] }),
  makeRun({ id: "b", args: ["--lr", "0.2"], metrics: [] }),
];

test("only what differs is left when only that is wanted", () => {
  const shown = shownSections(compareRuns(RUNS), true, "");
  expect(shown.map(({ title, rows }) => [title, rows.map(({ name, values }) => [name, ...values])])).toEqual([
    ["Parameters", [["lr", "0.1", "0.2"]]],
    ["Metrics", [["loss", "0.5", null]]],
  ]);
  expect(shownSections(compareRuns(RUNS), false, "MEMORY").flatMap(({ rows }) => rows).length).toBe(2);
});

test("the table hides what is equal, and finds what is called so", async () => {
  render(<CompareTable runs={RUNS} labels={["one", "two"]} statusOf={() => null} />, {
    wrapper: MemoryRouter,
  });
  expect(screen.getByRole("rowheader", { name: "entry point" })).toBeVisible();
  await userEvent.click(screen.getByRole("switch", { name: "Diff only" }));
  expect(screen.queryByRole("rowheader", { name: "entry point" })).toBeNull();
  expect(screen.getByRole("row", { name: /lr 0.1 0.2/ })).toBeVisible();
  await userEvent.type(screen.getByLabelText("Search"), "zzz");
  expect(screen.getByText("Nothing is called so.")).toBeVisible();
});

test("curves stand on common steps, and a run without a metric has none", () => {
  const point = (name: string, step: number | null, value: number | null) => ({
    name,
    step,
    value,
    time: null,
  });
  const curves = curvesOf([
    [point("loss", 0, 1), point("loss", 2, 0.5)],
    [point("loss", 1, 0.8), point("loss", null, 0.7), point("acc", 0, null)],
  ]);
  expect(curves).toEqual([
    {
      name: "loss",
      steps: [0, 1, 2],
      values: [
        [1, null, 0.5],
        [null, 0.8, 0.7],
      ],
    },
    { name: "acc", steps: [0], values: [null, [null]] },
  ]);
});

test("no two runs look alike, even without colour", () => {
  for (const dark of [true, false]) {
    const looks = [0, 1, 2, 3, 4, 5].map((index) => lookOf(index, dark));
    expect(new Set(looks.map(({ color }) => color)).size).toBe(6);
    expect(new Set(looks.map(({ dash }) => dash.join())).size).toBe(6);
  }
});

test("the first file that differs is shown first", () => {
  const before = { "a.py": "1", "b.py": "1" };
  expect(pathIn(before, { "a.py": "1", "b.py": "2" }, null)).toBe("b.py");
  expect(pathIn(before, before, null)).toBe("a.py");
  expect(pathIn(before, before, "b.py")).toBe("b.py");
});
