import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { MemoryRouter, useLocation } from "react-router-dom";

import { RunStream } from "../../api/run-stream";
import type { LogStream } from "../../lib/log-line";
import { makeRun } from "../../testing/factories";
import { FakeSocket } from "../../testing/fake-socket";
import { makeServices, renderWith } from "../../testing/render";
import { OutputPane } from "./output-pane";

function Address(): React.JSX.Element {
  const { search, hash } = useLocation();
  return <output aria-label="Address">{`${search}${hash}`}</output>;
}

function paneOf(stream: RunStream, address = "/?run=r"): React.JSX.Element {
  return (
    <MemoryRouter initialEntries={[address]}>
      <OutputPane
        stream={stream}
        notice={null}
        status={null}
        renderMark={({ after }) => `figure of mark ${after}`}
        onDownload={() => undefined}
      />
      <Address />
    </MemoryRouter>
  );
}

function show(
  lines: [text: string, stream: LogStream][],
  { address = "/?run=r", socket = new FakeSocket() } = {},
) {
  const stream = new RunStream("r");
  stream.receiveState(makeRun());
  let offset = 0;
  for (const [text, name] of lines) {
    const data = new TextEncoder().encode(text);
    stream.receive({ offset, stream: name, data: data.buffer });
    offset += data.length;
  }
  const services = makeServices(socket);
  renderWith(services, paneOf(stream, address));
  return { stream, services };
}

const rows = (): HTMLElement[] => [...screen.getByRole("log").querySelectorAll<HTMLElement>(".log-row")];
const FRUIT: [string, LogStream][] = [
  ["apple\npear\nAPPLE pie\n", "stdout"],
  ["no apples\n", "stderr"],
];

test("lines of standard error carry a sign beside their colour", () => {
  show(FRUIT);
  const marked = rows().filter((row) => row.querySelector(".log-mark-stderr"));
  expect(marked.map((row) => row.textContent.trim())).toEqual(["no apples"]);
});

test("a search goes from match to match, round, and back", async () => {
  const user = userEvent.setup();
  show(FRUIT);
  screen.getByRole("log").focus();
  await user.keyboard("{Control>}f{/Control}apple");
  await screen.findByText("– of 3");
  for (const place of ["1 of 3", "2 of 3", "3 of 3", "1 of 3"]) {
    await user.keyboard("{Enter}");
    await screen.findByText(place);
  }
  await user.keyboard("{Shift>}{Enter}{/Shift}");
  await screen.findByText("3 of 3");
  expect(rows().map((row) => row.querySelector("mark")?.textContent)).toEqual([
    "apple",
    undefined,
    "APPLE",
    "apple",
  ]);
  await user.click(screen.getByRole("button", { name: "Match case" }));
  await screen.findByText("– of 2");
  await user.keyboard("{Escape}");
});

test.each([
  ["{Enter}", "1 of 3"],
  ["{Shift>}{Enter}{/Shift}", "3 of 3"],
])("who presses %s before anything is found is led to a match as well", async (keys, place) => {
  const user = userEvent.setup();
  show(FRUIT);
  await user.click(screen.getByRole("button", { name: "Find in the output" }));
  await user.paste("apple");
  await user.keyboard(keys);
  await screen.findByText(place);
});

test("a pattern may be searched for, and one that is none is explained", async () => {
  const user = userEvent.setup();
  show(FRUIT);
  await user.click(screen.getByRole("button", { name: "Find in the output" }));
  await user.click(screen.getByRole("button", { name: "Regular expression" }));
  const box = screen.getByRole("textbox", { name: "Find in the output" });
  await user.type(box, "^a.*e$");
  await screen.findByText("– of 2");
  await user.type(box, "(");
  await screen.findByText(/Unterminated group/i);
  expect(box).toBeInvalid();
});

test("an address names a line, a press on a line's number names it in the address", async () => {
  const user = userEvent.setup();
  show(FRUIT, { address: "/?run=r#L2" });
  expect(rows().findIndex((row) => row.classList.contains("log-found"))).toBe(1);
  await user.click(screen.getByRole("log").querySelector('[data-number="3"]') as Element);
  expect(screen.getByLabelText("Address")).toHaveTextContent("?run=r#L3");
  const field = screen.getByLabelText("Line number");
  await user.clear(field);
  await user.type(field, "9{Enter}");
  expect(screen.getByText("There are lines 1 to 4")).toBeVisible();
  expect(screen.getByLabelText("Address")).toHaveTextContent("?run=r#L3");
  await user.click(screen.getByRole("button", { name: "Close the line link" }));
  expect(screen.getByLabelText("Address")).toHaveTextContent("?run=r");
});

test("progress bars in the output are progress bars", () => {
  show([["\rtraining:  40%|####      | 2/5 [00:02<00:03,  1.0it/s]", "stderr"]]);
  const bar = screen.getByRole("progressbar", { name: "training" });
  expect(bar).toHaveAttribute("aria-valuenow", "40");
  expect(bar).toHaveAttribute("aria-valuetext", "40 %, 2 of 5, 00:03 left");
});

test("a line for the program is sent and shown, and one that cannot be sent stays", async () => {
  const user = userEvent.setup();
  const socket = new FakeSocket();
  const { services } = show([["Name? ", "stdout"]], { socket });
  const field = screen.getByLabelText("Program input");
  await user.type(field, "Ana{Enter}");
  expect(field).toHaveValue("Ana");
  expect(field).toBeInvalid();
  services.connection.open();
  socket.fire("connect");
  await user.type(field, "{Enter}");
  expect(await within(screen.getByRole("log")).findByText("Ana")).toBeVisible();
  expect(field).toHaveValue("");
  await user.click(screen.getByRole("button", { name: "End input" }));
  expect(field).toBeDisabled();
  expect(socket.payloadsOf("run:input")).toHaveLength(2);
});

function AfterAnother({ first, second }: { first: RunStream; second: RunStream }): React.JSX.Element {
  const [stream, setStream] = useState(first);
  return (
    <>
      <button onClick={() => setStream(second)}>Another run</button>
      {paneOf(stream)}
    </>
  );
}

test("what is typed for one program is not there for another", async () => {
  const user = userEvent.setup();
  const [first, second] = ["first", "second"].map((id) => {
    const stream = new RunStream(id);
    stream.receiveState(makeRun({ id }));
    return stream;
  }) as [RunStream, RunStream];
  renderWith(makeServices(), <AfterAnother first={first} second={second} />);
  await user.type(screen.getByLabelText("Program input"), "half a li");
  await user.click(screen.getByRole("button", { name: "Another run" }));
  expect(screen.getByLabelText("Program input")).toHaveValue("");
});

test("what the program showed stands between the lines before and behind it, and changes no line's number", () => {
  const stream = new RunStream("r");
  const bytes = new TextEncoder().encode("one\ntwo\n");
  stream.receive({ offset: 0, stream: "stdout", data: bytes.slice(0, 4).buffer });
  stream.receiveDisplay({ number: 1, offset: 4, media_type: "image/png", data: bytes.buffer });
  stream.receive({ offset: 4, stream: "stdout", data: bytes.slice(4).buffer });
  renderWith(makeServices(), paneOf(stream));
  const shown = screen.getByText("figure of mark 1");
  const [one, two] = rows();
  expect([one?.textContent.trim(), two?.textContent.trim()]).toEqual(["one", "two"]);
  expect(two?.querySelector(".log-number")).toHaveAttribute("data-number", "2");
  const after = (first: Element | undefined, second: Element | undefined): boolean =>
    Boolean(first && second && first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING);
  expect([after(one, shown), after(shown, two)]).toEqual([true, true]);
});
