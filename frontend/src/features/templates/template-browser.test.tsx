import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { makeTemplate } from "../../testing/factories";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { filterTemplates, tagsOf } from "./filter-templates";
import { TemplateBrowser } from "./template-browser";

const MLP = makeTemplate({
  name: "mlp",
  title: "PyTorch MLP",
  summary: "A training loop.",
  tags: ["pytorch", "classification"],
  data: "made on the way",
  yields: ["model.pt"],
});
const TREE = makeTemplate({
  name: "tree",
  title: "Trees",
  summary: "A forest.",
  tags: ["classification"],
  yields: ["model.joblib"],
});
const HELLO = makeTemplate({ tags: ["start here"] });
const ALL = [MLP, TREE, HELLO];

function show() {
  storeSession();
  serve({ "GET /templates": () => json({ items: ALL, next: null }) });
  const onUse = jest.fn();
  renderWith(makeServices(), <TemplateBrowser onUse={onUse} />);
  return { onUse, user: userEvent.setup() };
}

async function titles(): Promise<(string | null)[]> {
  return (await screen.findAllByRole("heading", { level: 2 })).map(({ textContent }) => textContent);
}

test("every word counts, wherever on the card it stands, and so does the tag", () => {
  const names = (text: string, tag: string | null = null) =>
    filterTemplates(ALL, text, tag).map(({ name }) => name);
  expect(names("")).toEqual(["hello", "mlp", "tree"]);
  expect(names("  MODEL.pt loop ")).toEqual(["mlp"]);
  expect(names("", "classification")).toEqual(["mlp", "tree"]);
  expect(names("forest", "pytorch")).toEqual([]);
});

test("tags are offered by how often they are given", () => {
  expect(tagsOf(ALL)).toEqual(["classification", "pytorch", "start here"]);
});

test("a card says how long it takes, what it needs and what it yields", async () => {
  show();
  const card = (await screen.findByRole("heading", { name: "PyTorch MLP" })).closest("li");
  expect(card).toHaveTextContent("Takesabout 3 s");
  expect(card).toHaveTextContent("Datamade on the way");
  expect(card).toHaveTextContent("Yieldsmodel.pt");
});

test("what is not found can be looked for anew", async () => {
  const { user } = show();
  await user.click(await screen.findByRole("button", { name: "pytorch" }));
  expect(screen.getByRole("button", { name: "pytorch", pressed: true })).toBeVisible();
  expect(await titles()).toEqual(["PyTorch MLP"]);
  await user.type(screen.getByLabelText("Find a template"), "forest");
  await user.click(screen.getByRole("button", { name: "Show all templates" }));
  expect(await titles()).toEqual(["Hello", "PyTorch MLP", "Trees"]);
});

test("the code can be read, and used from there", async () => {
  const { onUse, user } = show();
  await user.click(await screen.findByRole("button", { name: "Preview Hello" }));
  const dialog = screen.getByRole("dialog", { name: "Hello" });
  expect(within(dialog).getByRole("region", { name: "Code of main.py" })).toHaveTextContent("print('hello')");
  await user.click(within(dialog).getByRole("button", { name: "Use template" }));
  expect(onUse).toHaveBeenCalledWith(HELLO);
});
