import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import type { RunProblem } from "../../lib/run-problems";
import { ProblemsList } from "./problems-list";
import { afterEdit, linesReplaced, problemsFound, problemsReducer, stillThere } from "./problems-slice";

const at = (line: number, path = "main.py"): RunProblem => ({
  path,
  line,
  message: `wrong ${line}`,
  severity: "error",
  source: null,
});

test("an edit of its line takes a problem away, and moves the ones below", () => {
  const after = afterEdit([at(2), at(5), at(9), at(7, "other.py")], {
    path: "main.py",
    from: 5,
    to: 5,
    shift: 2,
  });
  expect(after).toEqual([at(2), { ...at(9), line: 11 }, at(7, "other.py")]);
});

test("what was mended does not come back while the same run is on the screen", () => {
  const found = problemsReducer(undefined, problemsFound({ run: "r1", items: [at(2)] }));
  const mended = problemsReducer(found, linesReplaced({ path: "main.py", from: 2, to: 2, shift: 0 }));
  expect(problemsReducer(mended, problemsFound({ run: "r1", items: [at(2)] })).items).toEqual([]);
  expect(problemsReducer(mended, problemsFound({ run: "r2", items: [at(3)] })).items).toEqual([at(3)]);
});

test("a line that reads otherwise than it ran is no problem any more", () => {
  const shown = { ...at(2), source: "y = 1/0" };
  expect(stillThere([shown], { "main.py": "x\n    y = 1/0\n" })).toEqual([shown]);
  expect(stillThere([shown], { "main.py": "x\ny = 1\n" })).toEqual([]);
  expect(stillThere([at(9)], { "main.py": "x" })).toEqual([]);
});

test("the list names file and line, and leads there", async () => {
  const onGoTo = jest.fn();
  render(<ProblemsList problems={[at(4)]} onGoTo={onGoTo} />);
  expect(screen.getByText("main.py, line 4")).toBeVisible();
  await userEvent.setup().click(screen.getByRole("button", { name: /wrong 4/ }));
  expect(onGoTo).toHaveBeenCalledWith(at(4));
});

test("without problems the list says what it is for", () => {
  render(<ProblemsList problems={[]} onGoTo={jest.fn()} />);
  expect(screen.getByText(/No problems/)).toBeVisible();
});
