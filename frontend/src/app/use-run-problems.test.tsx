import { renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { Provider } from "react-redux";

import type { RunStream } from "../api/run-stream";
import { Session } from "../api/session";
import { problemsFound } from "../features/problems/problems-slice";
import { makeRun } from "../testing/factories";
import { makeStore } from "./store";
import { useRunProblems } from "./use-run-problems";

const showing = (id: string): RunStream =>
  ({
    run: makeRun({ id }),
    offset: 0,
    subscribe: () => () => undefined,
    getVersion: () => 1,
  }) as unknown as RunStream;

test("the problems of one run are not shown beside another one", () => {
  const store = makeStore({ session: new Session() });
  const item = { path: "main.py", line: 1, message: "wrong", severity: "error", source: null } as const;
  store.dispatch(problemsFound({ run: "run1", items: [item] }));
  const wrapper = ({ children }: { children: ReactNode }) => <Provider store={store}>{children}</Provider>;
  const { result, rerender } = renderHook((stream?: RunStream) => useRunProblems(stream ?? null), {
    wrapper,
    initialProps: showing("run1"),
  });
  expect(result.current).toEqual([item]);
  rerender(showing("run2"));
  expect(result.current).toEqual([]);
  rerender(undefined);
  expect(result.current).toEqual([]);
});
