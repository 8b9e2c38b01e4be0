import { act, renderHook } from "@testing-library/react";
import { useState } from "react";

import { useReveal, type Place } from "./use-reveal";

function show(path: string) {
  const lines: number[] = [];
  const { result, rerender } = renderHook(
    ({ shown }) => {
      const [reveal, setReveal] = useState<Place | null>(null);
      useReveal({ reveal, onRevealed: () => setReveal(null) }, shown, (line) => lines.push(line));
      return setReveal;
    },
    { initialProps: { shown: path } },
  );
  return {
    lines,
    goTo: (place: Place) => act(() => result.current(place)),
    open: (shown: string) => rerender({ shown }),
  };
}

test("a place is gone to once its file is on the screen, and not before", () => {
  const { lines, goTo, open } = show("main.py");
  goTo({ path: "net.py", line: 7 });
  expect(lines).toEqual([]);
  open("net.py");
  expect(lines).toEqual([7]);
});

test("whoever opens another file, or comes back, is left where he is", () => {
  const { lines, goTo, open } = show("main.py");
  goTo({ path: "main.py", line: 3 });
  open("net.py");
  open("main.py");
  expect(lines).toEqual([3]);
});

test("the same place can be asked for again", () => {
  const { lines, goTo } = show("main.py");
  goTo({ path: "main.py", line: 3 });
  goTo({ path: "main.py", line: 3 });
  expect(lines).toEqual([3, 3]);
});
