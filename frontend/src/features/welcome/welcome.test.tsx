import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useSyncExternalStore } from "react";
import { MemoryRouter } from "react-router-dom";

import { reached } from "../../lib/milestones";
import { isNewcomer, WelcomeProgress } from "./welcome-progress";
import { WelcomeStrip } from "./welcome-strip";

function Welcome({ progress }: { progress: WelcomeProgress }): React.JSX.Element | null {
  const { shown, done } = useSyncExternalStore(progress.state.subscribe, progress.state.get);
  return shown ? <WelcomeStrip done={done} onDismiss={progress.dismiss} /> : null;
}

function show(progress = new WelcomeProgress("u1", true)) {
  const stop = progress.follow();
  render(<Welcome progress={progress} />, { wrapper: MemoryRouter });
  return { progress, stop, user: userEvent.setup() };
}

test("each step ticks itself off when it is done", () => {
  const { stop } = show();
  expect(screen.getByRole("link", { name: "Pick a template" })).toHaveAttribute("href", "/templates");
  act(() => reached("template"));
  expect(screen.getAllByText("done")).toHaveLength(1);
  expect(screen.queryByRole("link")).toBeNull();
  act(() => {
    reached("run");
    reached("run");
    reached("download");
  });
  expect(screen.getByText("All three done")).toBeVisible();
  stop();
});

test("once closed it stays closed, for this user alone, until asked for", async () => {
  const { progress, stop, user } = show();
  act(() => reached("run"));
  await user.click(screen.getByRole("button", { name: "Close the first steps" }));
  expect(screen.queryByRole("region", { name: "First steps" })).toBeNull();
  stop();
  expect(new WelcomeProgress("u1", true).state.get()).toEqual({ shown: false, done: ["run"] });
  expect(new WelcomeProgress("u2", true).state.get()).toEqual({ shown: true, done: [] });
  act(progress.showAgain);
  expect(screen.getByRole("region", { name: "First steps" })).toBeVisible();
});

test("who has had an account for long, or is an operator, is not welcomed", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  const yesterday = "2026-01-01T00:00:00Z";
  expect(isNewcomer({ created_at: yesterday, role: "user" }, now)).toBe(true);
  expect(isNewcomer({ created_at: "2025-01-01T00:00:00Z", role: "user" }, now)).toBe(false);
  expect(isNewcomer({ created_at: yesterday, role: "admin" }, now)).toBe(false);
  show(new WelcomeProgress("u1", false)).stop();
  expect(screen.queryByRole("region", { name: "First steps" })).toBeNull();
});

test("what another program left in the storage is no progress", () => {
  localStorage.setItem("byteme.welcome.u1", '{"shown": 1}');
  expect(new WelcomeProgress("u1", true).state.get()).toEqual({ shown: true, done: [] });
});
