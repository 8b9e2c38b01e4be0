import { configureStore } from "@reduxjs/toolkit";
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SnackbarProvider } from "notistack";
import { useState } from "react";
import { Provider, useSelector } from "react-redux";

import { makeProject } from "../../testing/factories";
import { FilesPanel, type Question } from "./files-panel";
import { filesAdded, openedFrom, projectOpened, projectReducer, type OpenProject } from "./project-slice";

const FILES = { "main.py": "m", "src/net.py": "n", "src/deep/x.py": "x" };

function Panel(): React.JSX.Element {
  const project = useSelector((state: { project: OpenProject }) => state.project);
  const [question, setQuestion] = useState<Question | null>(null);
  return (
    <FilesPanel project={project} question={question} onQuestion={setQuestion} onOpened={() => undefined} />
  );
}

function show() {
  const store = configureStore({ reducer: { project: projectReducer } });
  store.dispatch(projectOpened(openedFrom(makeProject({ files: FILES }))));
  render(
    <Provider store={store}>
      <SnackbarProvider>
        <Panel />
      </SnackbarProvider>
    </Provider>,
  );
  const project = (): OpenProject => store.getState().project as OpenProject;
  return {
    store,
    project,
    user: userEvent.setup(),
    line: (name: string) => screen.getByRole("treeitem", { name }),
  };
}

const names = (): string[] =>
  screen.getAllByRole("treeitem").map((item) => item.getAttribute("data-path") ?? "");

test("the tree is walked with the arrow keys", async () => {
  const { user, line, project } = show();
  act(() => line("main.py, runs first").focus());
  await user.keyboard("{Home}");
  expect(line("src")).toHaveFocus();
  await user.keyboard("{ArrowLeft}");
  expect(line("src")).toHaveAttribute("aria-expanded", "false");
  expect(names()).toEqual(["src", "main.py"]);
  await user.keyboard("{ArrowRight}{ArrowRight}{ArrowDown}{ArrowDown}");
  expect(line("net.py")).toHaveFocus();
  await user.keyboard("{Enter}");
  expect(project().active).toBe("src/net.py");
  await user.keyboard("{ArrowLeft}");
  expect(line("src")).toHaveFocus();
  await user.keyboard("m");
  expect(line("main.py, runs first")).toHaveFocus();
});

test("a file is made in a folder of its own", async () => {
  const { user, project } = show();
  await user.click(screen.getByRole("button", { name: "New file" }));
  await user.type(screen.getByLabelText("Path"), "lib/util.py{Enter}");
  expect(project()).toMatchObject({ files: { ...FILES, "lib/util.py": "" }, active: "lib/util.py" });
});

test("a name that is taken is refused with the reason", async () => {
  const { user, project } = show();
  await user.click(screen.getByRole("button", { name: "New file" }));
  await user.type(screen.getByLabelText("Path"), "main.py{Enter}");
  expect(screen.getByText("There is already a file of this name")).toBeVisible();
  expect(project().files).toEqual(FILES);
});

test("F2 renames a folder with everything in it", async () => {
  const { user, line, project } = show();
  act(() => line("src").focus());
  await user.keyboard("{F2}");
  await user.clear(screen.getByLabelText("Path"));
  await user.type(screen.getByLabelText("Path"), "lib{Enter}");
  expect(Object.keys(project().files)).toEqual(["main.py", "lib/net.py", "lib/deep/x.py"]);
});

test("a folder cannot be renamed into itself", async () => {
  const { user, line } = show();
  act(() => line("src").focus());
  await user.keyboard("{F2}");
  await user.clear(screen.getByLabelText("Path"));
  await user.type(screen.getByLabelText("Path"), "src/inner{Enter}");
  expect(screen.getByText("A folder cannot be moved into itself")).toBeVisible();
});

test("Delete can be undone", async () => {
  const { user, line, project } = show();
  act(() => line("src").focus());
  await user.keyboard("{Delete}");
  expect(Object.keys(project().files)).toEqual(["main.py"]);
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(project().files).toEqual(FILES);
});

test("a file is moved from the menu, without a mouse's drag", async () => {
  const { user, line, project } = show();
  fireEvent.contextMenu(line("net.py"));
  await user.click(screen.getByRole("menuitem", { name: "Move to…" }));
  const dialog = screen.getByRole("dialog", { name: "Move src/net.py to" });
  await user.click(within(dialog).getByRole("button", { name: "The top of the project" }));
  expect(Object.keys(project().files)).toEqual(["main.py", "net.py", "src/deep/x.py"]);
});

test("a copy lies beside its original", async () => {
  const { user, project } = show();
  await user.click(screen.getByRole("button", { name: "Actions for src/net.py" }));
  await user.click(screen.getByRole("menuitem", { name: "Duplicate" }));
  expect(project().files["src/net copy.py"]).toBe("n");
});

test("a new folder is there before anything is in it", async () => {
  const { user } = show();
  await user.click(screen.getByRole("button", { name: "New folder" }));
  await user.type(screen.getByLabelText("Path"), "empty{Enter}");
  expect(names()).toContain("empty");
});

function drag(from: HTMLElement, to: HTMLElement): void {
  const data = new Map<string, string>();
  const dataTransfer = {
    setData: (type: string, value: string) => data.set(type, value),
    getData: (type: string) => data.get(type) ?? "",
    items: [],
  };
  fireEvent.dragStart(from, { dataTransfer });
  fireEvent.drop(to, { dataTransfer });
}

test("dragging a file onto a folder moves it there", () => {
  const { line, project } = show();
  drag(line("main.py, runs first"), line("deep"));
  expect(project()).toMatchObject({ entrypoint: "src/deep/main.py" });
});

test("a file that is dragged to where its name is taken stays, and it is said", async () => {
  const { line, project, store } = show();
  act(() => void store.dispatch(filesAdded({ files: { "src/main.py": "other" } })));
  const before = project().files;
  drag(line("main.py, runs first"), line("src"));
  expect(
    await screen.findByText("main.py was not moved to src/main.py: There is already a file of this name"),
  ).toBeVisible();
  expect(project().files).toEqual(before);
});

test("Undo takes nothing back in another project", async () => {
  const { user, line, project, store } = show();
  act(() => line("src").focus());
  await user.keyboard("{Delete}");
  const other = openedFrom(makeProject({ id: "p2", files: { "other.py": "o" }, entrypoint: "other.py" }));
  act(() => void store.dispatch(projectOpened(other)));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  expect(project()).toEqual(other);
});

test("files that are read after their project was left are added to no other one, and it is said", async () => {
  const { user, project, store } = show();
  let read: (bytes: ArrayBuffer) => void = () => undefined;
  const file = new File(["x"], "new.py");
  file.arrayBuffer = () => new Promise((resolve) => (read = resolve));
  const inputs: HTMLInputElement[] = [];
  const spy = jest.spyOn(HTMLInputElement.prototype, "click").mockImplementation(function (
    this: HTMLInputElement,
  ) {
    inputs.push(this);
  });
  await user.click(screen.getByRole("button", { name: "Add files" }));
  spy.mockRestore();
  const [input] = inputs;
  Object.defineProperty(input, "files", { value: [file] });
  act(() => void input?.dispatchEvent(new Event("change")));
  const other = openedFrom(makeProject({ id: "p2", files: { "other.py": "o" }, entrypoint: "other.py" }));
  act(() => void store.dispatch(projectOpened(other)));
  read(new ArrayBuffer(0));
  expect(await screen.findByText(/^Not added to Untitled/)).toBeVisible();
  expect(project()).toEqual(other);
});
