import ArrowDownwardIcon from "@mui/icons-material/ArrowDownward";
import Box from "@mui/material/Box";
import Fab from "@mui/material/Fab";
import { Fragment, useEffect, useMemo, useRef, type ReactNode } from "react";

import type { AnsiLog } from "../../lib/ansi-log";
import { plural } from "../../lib/format";
import { MARK_ROWS, type Mark } from "../../lib/log-marks";
import { lowerBound } from "../../lib/log-search";
import { ROW_PX, RowIndex, type RowPlace } from "../../lib/row-index";
import { LogRow } from "./log-row";
import { logStyles } from "./log-styles";
import { useFollow } from "./use-follow";
import type { LogSearch } from "./use-log-search";
import { useViewportSize } from "./use-viewport-size";

const OVERSCAN = 20;

interface LogViewProps {
  log: AnsiLog;
  /** Grows whenever the log has changed. */
  version: number;
  wrap: boolean;
  search: LogSearch;
  /** The number of the line that the page's address names. */
  linked: number | null;
  onLink: (number: number) => void;
  /** What stands at a mark between the lines. */
  renderMark?: (mark: Mark) => ReactNode;
}

/**
 * The output, only its visible lines in the document, at their places in a space as high as all of them. Follows the end
 * until the reader scrolls up.
 */
export function LogView({
  log,
  version,
  wrap,
  search,
  linked,
  onLink,
  renderMark,
}: LogViewProps): React.JSX.Element {
  const viewport = useRef<HTMLDivElement>(null);
  const { height, columns } = useViewportSize(viewport);
  const index = useMemo(() => new RowIndex(log, wrap ? columns : Infinity), [log, wrap, columns]);
  index.update();
  const { top, isFollowing, missed, follow, goTo, onScrollCapture } = useFollow(
    viewport,
    log.count,
    index.removed * ROW_PX,
  );
  const space = index.total() * ROW_PX;
  const seenFrom = isFollowing ? Math.max(0, space - height) : top;
  const first = index.lineAt(Math.floor(seenFrom / ROW_PX) - OVERSCAN);
  const shown = linesFrom(index, first, (seenFrom + height) / ROW_PX + OVERSCAN, log.count);
  const goal = search.current ?? linked;

  const reveal = (number: number): void => {
    const at = index.rowOf(number) * ROW_PX;
    const isSeen = at >= seenFrom && at + ROW_PX <= seenFrom + height;
    goTo(isSeen ? seenFrom : Math.max(0, at - height / 2));
  };
  const isThere = linked !== null && linked <= log.count;
  // Only when the goal changes: what comes meanwhile does not move the view.
  useEffect(() => {
    if (search.current !== null) reveal(search.current);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [search.current]);
  useEffect(() => {
    if (isThere) reveal(linked);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [linked, isThere]);
  useSteadyTop(index, isFollowing ? null : seenFrom, goTo);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === "End") follow();
    else if (event.key === "Home") goTo(0);
    else return;
    event.preventDefault();
  };
  const onClick = (event: React.MouseEvent): void => {
    const { number } = (event.target as HTMLElement).dataset;
    if (number) onLink(Number(number));
  };

  return (
    <Box sx={{ position: "relative", flex: 1, minHeight: 0 }}>
      <Box
        ref={viewport}
        role="log"
        aria-live="off"
        aria-label="Output"
        tabIndex={0}
        onScrollCapture={onScrollCapture}
        onKeyDown={onKeyDown}
        onClick={onClick}
        className={wrap ? "log-wrap" : undefined}
        sx={logStyles}
      >
        <div style={{ height: space }} />
        <div
          className="log-rows"
          style={{ top: first.row * ROW_PX, "--log-columns": `${columns}ch` } as React.CSSProperties}
        >
          {shown.map((number) => {
            const line = log.line(number);
            const mark = log.marks.behind(number);
            return (
              <Fragment key={number}>
                {line && (
                  <LogRow
                    number={number}
                    line={line}
                    version={number > log.settled ? version : 0}
                    query={isAmong(search.numbers, number) ? search.query : null}
                    isGoal={number === goal}
                  />
                )}
                {mark && (
                  <div className="log-shown" style={{ height: MARK_ROWS * ROW_PX }}>
                    {renderMark?.(mark)}
                  </div>
                )}
              </Fragment>
            );
          })}
        </div>
      </Box>
      {!isFollowing && (
        <Fab
          variant="extended"
          size="small"
          color="primary"
          onClick={follow}
          sx={{ position: "absolute", bottom: 12, right: 20 }}
        >
          <ArrowDownwardIcon fontSize="small" sx={{ mr: 0.5 }} />
          Follow output{missed > 0 ? `, ${plural(missed, "new line")}` : ""}
        </Fab>
      )}
    </Box>
  );
}

/** The numbers of the lines from a place on, to a row or the last. */
function linesFrom(index: RowIndex, { number, row }: RowPlace, endRow: number, last: number): number[] {
  const numbers: number[] = [];
  for (; row < endRow && number <= last; number++) {
    numbers.push(number);
    row += index.rowsOf(number);
  }
  return numbers;
}

function isAmong(numbers: readonly number[], number: number): boolean {
  return numbers[lowerBound(numbers, number)] === number;
}

/** Keeps the first line that is seen where it is when lines are wrapped anew; `top` is null while following. */
function useSteadyTop(index: RowIndex, top: number | null, goTo: (top: number) => void): void {
  const seen = useRef<{ index: RowIndex; number: number } | null>(null);
  useEffect(() => {
    const before = seen.current;
    if (top === null) seen.current = null;
    else if (before && before.index !== index) {
      seen.current = { index, number: before.number };
      goTo(index.rowOf(before.number) * ROW_PX);
    } else seen.current = { index, number: index.lineAt(top / ROW_PX).number };
  });
}
