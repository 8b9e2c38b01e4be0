import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { MemoryRouter } from "react-router-dom";

import { RunStream } from "../api/run-stream";
import { makeServices, renderWith } from "../testing/render";
import { RunOutput } from "./run-output";

/** A run that shows as many figures at each of some places, with a line behind each place. */
function streamOf(figuresAt: readonly number[], id = "r"): RunStream {
  const stream = new RunStream(id);
  showMore(stream, figuresAt);
  return stream;
}

function showMore(stream: RunStream, figuresAt: readonly number[], number = 0): void {
  const encode = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;
  for (const figures of figuresAt) {
    for (let i = 0; i < figures; i++)
      stream.receiveDisplay({
        number: ++number,
        offset: stream.offset,
        media_type: "image/png",
        data: encode("same"),
      });
    stream.receive({ offset: stream.offset, stream: "stdout", data: encode("line\n") });
  }
}

const ignore = (): void => undefined;
const outputOf = (stream: RunStream): React.JSX.Element => (
  <RunOutput
    stream={stream}
    onGoTo={ignore}
    onLimits={ignore}
    onRunAgain={ignore}
    canRun
    onFailure={ignore}
  />
);

function showRun(figuresAt: readonly number[]): void {
  renderWith(makeServices(), <MemoryRouter>{outputOf(streamOf(figuresAt))}</MemoryRouter>);
}

test("figures stand in the log, those of one place side by side, and the gallery opens at the one pressed", async () => {
  const user = userEvent.setup();
  showRun([0, 1, 2]);
  const log = within(screen.getByRole("log"));
  const [first, second, third] = log.getAllByRole("button", { name: /^Open figure/ });
  expect(second?.parentElement).toBe(third?.parentElement);
  expect(first?.parentElement).not.toBe(second?.parentElement);
  await user.click(third as HTMLElement);
  await screen.findByText("Figure 3 (3 of 3)");
  await user.keyboard("{ArrowLeft}");
  expect(await screen.findByText("Figure 2 (2 of 3)")).toBeVisible();
});

test("a place whose figures are gone, because there are too many, keeps its room and says so", () => {
  showRun([1, 200]);
  expect(screen.getByRole("log").querySelectorAll(".log-shown")).toHaveLength(2);
  expect(screen.getByText("Older figures are not kept in this page.")).toBeInTheDocument();
});

test("a figure that was opened is not opened in the run that comes onto the screen next", async () => {
  let turn: (stream: RunStream) => void = ignore;
  function OneRun(): React.JSX.Element {
    const [stream, setStream] = useState(() => streamOf([1], "before"));
    turn = setStream;
    return outputOf(stream);
  }
  renderWith(
    makeServices(),
    <MemoryRouter>
      <OneRun />
    </MemoryRouter>,
  );
  await userEvent.click(screen.getByRole("button", { name: /^Open figure/ }));
  await screen.findByText("Figure 1 (1 of 1)");
  act(() => turn(streamOf([1], "next")));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("the log has the keyboard when the figure that was opened is no longer in it", async () => {
  const stream = streamOf([1]);
  renderWith(makeServices(), <MemoryRouter>{outputOf(stream)}</MemoryRouter>);
  await userEvent.click(screen.getByRole("button", { name: /^Open figure/ }));
  await screen.findByText("Figure 1 (1 of 1)");
  act(() => showMore(stream, [200], 1));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByRole("log")).toHaveFocus();
});

test("a figure that is still in the log has the keyboard again", async () => {
  showRun([1]);
  const figure = screen.getByRole("button", { name: /^Open figure/ });
  await userEvent.click(figure);
  await screen.findByText("Figure 1 (1 of 1)");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(figure).toHaveFocus();
});
