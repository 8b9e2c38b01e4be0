import { Session } from "../api/session";
import { problemsFound } from "../features/problems/problems-slice";
import { openedFrom, projectOpened } from "../features/projects/project-slice";
import { NO_OPTIONS, runOptionsBegun, runOptionsChosen } from "../features/runs/run-options-slice";
import { makeProject } from "../testing/factories";
import { makeStore, signedOut } from "./store";

test("another project begins without the options of the one before, and the same one keeps them", () => {
  const store = makeStore({ session: new Session() });
  store.dispatch(runOptionsBegun({ project: "p1" }));
  store.dispatch(runOptionsChosen({ env: { TOKEN: "t" }, secrets: ["KEY"], network: "egress" }));
  store.dispatch(runOptionsBegun({ project: "p1" }));
  expect(store.getState().runOptions).toMatchObject({ env: { TOKEN: "t" }, secrets: ["KEY"] });
  store.dispatch(runOptionsBegun({ project: "p2" }));
  expect(store.getState().runOptions).toEqual({ ...NO_OPTIONS, project: "p2" });
});

test("nothing of an account is left when it signs out", () => {
  const store = makeStore({ session: new Session() });
  store.dispatch(signedOut());
  const before = store.getState();
  store.dispatch(projectOpened(openedFrom(makeProject())));
  store.dispatch(runOptionsChosen({ args: ["--secret"] }));
  store.dispatch(problemsFound({ run: "run1", items: [] }));
  store.dispatch(signedOut());
  expect(store.getState()).toEqual(before);
});
