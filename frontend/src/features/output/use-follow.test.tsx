import { act, fireEvent, render, screen } from "@testing-library/react";
import { useRef } from "react";

import { useFollow } from "./use-follow";

/** A container whose content is `total` lines of 20 px, seen 100 px at a time; jsdom itself has no layout. */
function Container({ total, removed = 0 }: { total: number; removed?: number }): React.JSX.Element {
  const viewport = useRef<HTMLDivElement>(null);
  const { isFollowing, missed, follow, onScrollCapture } = useFollow(viewport, total, removed);
  return (
    <>
      <div ref={viewport} data-testid="log" onScrollCapture={onScrollCapture} />
      <button onClick={follow}>{isFollowing ? "following" : `paused, ${missed} new`}</button>
    </>
  );
}

let total = 0;

beforeEach(() => {
  jest.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockImplementation(() => total * 20);
  jest.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(100);
});

function show(lines: number) {
  total = lines;
  const view = render(<Container total={lines} />);
  const log = screen.getByTestId("log");
  return {
    log,
    grow: (more: number) => {
      total += more;
      view.rerender(<Container total={total} />);
    },
    drop: (px: number) => view.rerender(<Container total={total} removed={px} />),
    scrollTo: (top: number) => {
      log.scrollTop = top;
      act(() => void fireEvent.scroll(log));
    },
    button: () => screen.getByRole("button"),
  };
}

test("the end stays in view while lines come", () => {
  const { log, grow, button } = show(50);
  expect(log.scrollTop).toBe(1000);
  grow(10);
  expect([log.scrollTop, button().textContent]).toEqual([1200, "following"]);
});

test("scrolling up lets go, and what comes then is counted", () => {
  const { log, grow, scrollTo, button } = show(50);
  scrollTo(900);
  scrollTo(300);
  grow(7);
  expect([log.scrollTop, button().textContent]).toEqual([300, "paused, 7 new"]);
});

test("reaching the end takes hold again", () => {
  const { log, grow, scrollTo, button } = show(50);
  scrollTo(900);
  scrollTo(300);
  scrollTo(890);
  grow(5);
  expect([log.scrollTop, button().textContent]).toEqual([1100, "following"]);
});

test("the button goes to the end and follows on", () => {
  const { log, grow, scrollTo, button } = show(50);
  scrollTo(900);
  scrollTo(300);
  fireEvent.click(button());
  grow(1);
  expect([log.scrollTop, button().textContent]).toEqual([1020, "following"]);
});

test("what the reader sees stays in its place when lines above it are dropped", () => {
  const { log, drop, scrollTo } = show(50);
  scrollTo(900);
  scrollTo(600);
  drop(200);
  expect(log.scrollTop).toBe(400);
});
