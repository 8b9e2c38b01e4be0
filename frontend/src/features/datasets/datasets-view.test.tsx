import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router-dom";

import type { Dataset } from "../../api/datasets-api";
import { json, serve } from "../../testing/fake-server";
import { makeServices, renderWith, storeSession } from "../../testing/render";
import { DatasetPicker } from "./dataset-picker";
import { DatasetsView } from "./datasets-view";
import { DeleteDialog } from "./delete-dialog";
import { PreviewPanel } from "./preview-panel";

function makeDataset(changes: Partial<Dataset> = {}): Dataset {
  return {
    id: "d1",
    name: "train.csv",
    version: 2,
    versions: 2,
    bytes: 2048,
    sha256: "ab".repeat(32),
    created_at: "2026-01-01T00:00:00Z",
    used_by_runs: 9,
    ...changes,
  };
}

const nothing = { items: [], next: null };
const ME = {
  id: "u1",
  email: "a@b.c",
  role: "user",
  quota: { storage_mb: 10 },
  usage: { storage_mb: 4 },
};

function show(ui: React.ReactNode): void {
  storeSession();
  renderWith(makeServices(), <MemoryRouter>{ui}</MemoryRouter>);
}

function answers(datasets: Dataset[] = [], uploads: unknown[] = []) {
  return serve({
    "GET /datasets": () => json({ items: datasets, next: null }),
    "GET /uploads": () => json({ items: uploads, next: null }),
    "GET /me": () => json(ME),
    "DELETE /uploads/up1": () => json(null, 204),
  });
}

test("each dataset stands there with version, size and use", async () => {
  answers([makeDataset()]);
  show(<DatasetsView />);
  expect(await screen.findByRole("row", { name: /train.csv 2.0 KiB v2 of 2 9 runs/ })).toBeVisible();
  expect(await screen.findByText("Storage: 4.0 MiB of 10.0 MiB used")).toBeVisible();
});

test("without any it is said what they are, with one way on", async () => {
  answers();
  show(<DatasetsView />);
  expect(await screen.findByText("No datasets yet")).toBeVisible();
  expect(screen.getByRole("button", { name: "Upload a file" })).toBeVisible();
});

const LEFT = {
  id: "up1",
  name: "big.zip",
  bytes: 100,
  offset: 40,
  fingerprint: "",
  created_at: "2026-01-01T00:00:00Z",
  expires_at: "2026-01-08T00:00:00Z",
};

test("an upload that was left says how it goes on, or is discarded", async () => {
  const requests = answers([], [LEFT]);
  show(<DatasetsView />);
  expect(await screen.findByText(/Choose or drop the same file/)).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Progress of big.zip" })).toHaveAttribute(
    "aria-valuenow",
    "40",
  );
  await userEvent.click(screen.getByRole("button", { name: "Discard" }));
  await waitFor(() => expect(requests).toContain("DELETE /uploads/up1"));
});

test("a file of another size does not go on with it", async () => {
  answers([], [LEFT]);
  show(<DatasetsView />);
  await screen.findByText("big.zip");
  const inputs = screen.getAllByTestId("file-input");
  fireEvent.change(inputs[1] as HTMLElement, { target: { files: [new File(["x"], "other.zip")] } });
  expect(await screen.findByText(/other.zip has another size/)).toBeVisible();
});

test("a file that is named like a dataset is asked about", async () => {
  answers([makeDataset()]);
  show(<DatasetsView />);
  await screen.findByRole("row", { name: /train.csv/ });
  fireEvent.change(screen.getAllByTestId("file-input")[0] as HTMLElement, {
    target: { files: [new File(["x"], "train.csv")] },
  });
  expect(await screen.findByText("train.csv is there already")).toBeVisible();
  expect(screen.getByText(/becomes version 3/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Skip" }));
  await waitFor(() => expect(screen.queryByText("train.csv is there already")).toBeNull());
  expect(screen.queryByRole("region", { name: "Uploads" })).toBeNull();
});

const PREVIEW = {
  kind: "table",
  why: null,
  format: "csv",
  media_type: null,
  encoding: "utf-8",
  delimiter: ",",
  header: true,
  columns: [
    {
      name: "age",
      type: "integer",
      nulls: 0.25,
      distinct: 3,
      min: 1,
      max: 9,
      mean: 4.5,
      histogram: [{ low: 1, high: 9, count: 3 }],
      top: [],
    },
  ],
  rows: [["1"], [null]],
  rows_read: 150,
  complete: true,
  names: [],
  names_total: 0,
  next: "100",
};

test("a table's columns tell what they hold, and rows come page by page", async () => {
  serve({
    "GET /datasets/d1/preview": () => json(PREVIEW),
    "GET /datasets/d1/rows": (request) =>
      json({ items: [[`row ${new URL(request.url).searchParams.get("cursor") ?? ""}`]], next: null }),
  });
  show(<PreviewPanel dataset={makeDataset()} />);
  expect(await screen.findByText("25 % empty · 3 values · 1 to 9 · mean 4.5")).toBeVisible();
  expect(screen.getByText("empty")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Next rows" }));
  expect(await screen.findByText("row 100")).toBeVisible();
  expect(screen.getByRole("button", { name: "Next rows" })).toBeDisabled();
});

test("what can't be shown says why", async () => {
  serve({ "GET /datasets/d1/preview": () => json({ ...PREVIEW, kind: "none", why: "It is a PDF." }) });
  show(<PreviewPanel dataset={makeDataset()} />);
  expect(await screen.findByText("No preview. It is a PDF.")).toBeVisible();
});

test("a dataset goes only when its name was typed", async () => {
  const requests = serve({ "DELETE /datasets/d1": () => json(null, 204) });
  const onDeleted = jest.fn();
  show(<DeleteDialog dataset={makeDataset()} onDeleted={onDeleted} onClose={() => undefined} />);
  const button = screen.getByRole("button", { name: "Delete" });
  expect(button).toBeDisabled();
  await userEvent.type(screen.getByLabelText("Type train.csv to confirm"), "train.csv");
  await userEvent.click(button);
  await waitFor(() => expect(onDeleted).toHaveBeenCalled());
  expect(requests).toEqual(["DELETE /datasets/d1"]);
});

test("a run is given what was chosen, under the name that was given", async () => {
  serve({ "GET /datasets": () => json({ ...nothing, items: [makeDataset({ name: "my data.csv" })] }) });
  const onChange = jest.fn();
  show(<DatasetPicker chosen={[]} onChange={onChange} />);
  await userEvent.click(screen.getByRole("button", { name: "Data: none" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: /my data.csv/ }));
  const name = screen.getByDisplayValue("my_data.csv");
  await userEvent.clear(name);
  expect(screen.getByRole("button", { name: "Use 1 dataset" })).toBeDisabled();
  await userEvent.type(name, "train");
  await userEvent.click(screen.getByRole("button", { name: "Use 1 dataset" }));
  expect(onChange).toHaveBeenCalledWith([{ id: "d1", name: "train" }]);
});

test("a dataset is found among more than are listed, and what was chosen before stays", async () => {
  const all = ["train.csv", "other.csv"].map((name) => makeDataset({ id: name, name }));
  serve({
    "GET /datasets": (request) => {
      const search = new URL(request.url).searchParams.get("search") ?? "";
      const found = all.filter(({ name }) => name.includes(search));
      return json({ items: found.slice(0, 1), next: found.length > 1 ? "more" : null });
    },
  });
  const onChange = jest.fn();
  show(<DatasetPicker chosen={[]} onChange={onChange} />);
  await userEvent.click(screen.getByRole("button", { name: "Data: none" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: /^train.csv/ }));
  expect(screen.getByRole("button", { name: "Show more" })).toBeVisible();
  await userEvent.type(screen.getByLabelText("Search by name"), "other");
  await userEvent.click(await screen.findByRole("checkbox", { name: /^other.csv/ }));
  expect(screen.getByRole("checkbox", { name: "train.csv · chosen" })).toBeChecked();
  await userEvent.click(screen.getByRole("button", { name: "Use 2 datasets" }));
  expect(onChange).toHaveBeenCalledWith([
    { id: "train.csv", name: "train.csv" },
    { id: "other.csv", name: "other.csv" },
  ]);
});

test("the search stays, with the keyboard in it, while its text is cleared and few are listed", async () => {
  const all = "a b c d e f g h i"
    .split(" ")
    .map((letter) => makeDataset({ id: letter, name: `${letter}.csv` }));
  let answer: (response: Response) => void = jest.fn();
  let asked = 0;
  serve({
    "GET /datasets": (request) => {
      const search = new URL(request.url).searchParams.get("search") ?? "";
      if (search === "" && ++asked > 1) return new Promise((resolve) => (answer = resolve));
      return json({ ...nothing, items: all.filter(({ name }) => name.startsWith(search)) });
    },
  });
  show(<DatasetPicker chosen={[]} onChange={jest.fn()} />);
  await userEvent.click(screen.getByRole("button", { name: "Data: none" }));
  const search = await screen.findByLabelText("Search by name");
  await userEvent.type(search, "a");
  await waitFor(() => expect(screen.getAllByRole("checkbox")).toHaveLength(1));
  all.splice(3); // others were deleted meanwhile
  await userEvent.clear(search);
  expect(search).toBeInTheDocument();
  expect(search).toHaveFocus();
  await waitFor(() => expect(asked).toBe(2));
  answer(json({ ...nothing, items: all }));
  await waitFor(() => expect(screen.getAllByRole("checkbox")).toHaveLength(3));
  expect(search).toHaveFocus();
});
